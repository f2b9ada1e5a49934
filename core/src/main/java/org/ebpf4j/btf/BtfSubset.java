package org.ebpf4j.btf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/// A part of a BTF that stands alone: some of its types with all that they are made of.
///
/// A struct is kept with all its members, and what these hold by value. How far pointers are
/// followed is the *reach*: with reach 1, the structs that a kept type points to become
/// declarations (`FWD`), and prototypes `void`; with 2 they are kept too, and what they point to is
/// declared; and so on. Ids change; their order stays.
///
/// ```java
/// Btf small = new BtfSubset(kernel).keep(kernel.find("task_struct", Composite.class).get(0), 2).toBtf();
/// ```
public final class BtfSubset {
  private static final byte LEFT_OUT = -1;
  private static final byte DECLARED = 0;

  private final Btf source;
  private final byte[] reach;
  private final List<List<Integer>> pending = new ArrayList<>();

  /// @param source what to cut from; may be split, and the part then stands without its base
  public BtfSubset(Btf source) {
    this.source = source;
    this.reach = new byte[source.endId()];
    java.util.Arrays.fill(reach, LEFT_OUT);
  }

  /// Keeps a type and what it is made of.
  ///
  /// @param id the type's
  /// @param levels the reach, 1 to 100
  public BtfSubset keep(int id, int levels) {
    if (levels < 1 || levels > 100) {
      throw new IllegalArgumentException("a reach is 1 to 100, not " + levels);
    }
    while (pending.size() <= levels) {
      pending.add(new ArrayList<>());
    }
    want(id, levels);
    spread();
    return this;
  }

  /// Keeps all types of a kind with this name.
  ///
  /// @return how many there are
  public int keep(String name, Class<? extends BtfType> kind, int levels) {
    List<Integer> ids = source.find(name, kind);
    ids.forEach(id -> keep(id, levels));
    return ids.size();
  }

  /// Whether a type is kept whole, and not only declared.
  public boolean keeps(int id) {
    return id == 0 || reach[id] > DECLARED;
  }

  /// What is known to be kept has its parts kept with it; the furthest reach goes first, so that
  /// each type is looked at once for each reach at most.
  private void spread() {
    for (int level = pending.size() - 1; level >= 0; level--) {
      List<Integer> ids = pending.get(level);
      while (!ids.isEmpty()) {
        int id = ids.removeLast();
        if (reach[id] == level) {
          wantParts(id, level);
        }
      }
    }
  }

  private void want(int id, int level) {
    if (id != 0 && reach[id] < level) {
      reach[id] = (byte) level;
      pending.get(level).add(id);
    }
  }

  private void wantParts(int id, int level) {
    BtfType type = source.type(id);
    switch (type) {
      case BtfType.Pointer(int target) -> want(target, Math.max(DECLARED, level - cost(target)));
      case BtfType.Composite composite -> {
        if (level > DECLARED) {
          composite.members().forEach(member -> want(member.type(), level));
        }
      }
      case BtfType.Prototype prototype -> {
        if (level > DECLARED) {
          want(prototype.result(), level);
          prototype.parameters().forEach(parameter -> want(parameter.type(), level));
        }
      }
      case BtfType.Array array -> {
        want(array.element(), level);
        want(array.index(), level);
      }
      case BtfType.Typedef typedef -> want(typedef.target(), level);
      case BtfType.Qualifier qualifier -> want(qualifier.target(), level);
      case BtfType.TypeTag tag -> want(tag.target(), level);
      case BtfType.Function function -> want(function.prototype(), level);
      case BtfType.Variable variable -> want(variable.type(), level);
      case BtfType.DataSection section ->
          section.variables().forEach(variable -> want(variable.type(), level));
      case BtfType.DeclarationTag tag -> want(tag.target(), level);
      case BtfType.VoidType t -> {}
      case BtfType.Int t -> {}
      case BtfType.Enumeration t -> {}
      case BtfType.Forward t -> {}
      case BtfType.FloatType t -> {}
    }
  }

  /// Following a pointer costs one level where it leads to a struct or function, and nothing else
  /// does.
  private int cost(int target) {
    return switch (source.resolved(target)) {
      case BtfType.Composite t -> 1;
      case BtfType.Prototype t -> 1;
      case BtfType.Pointer t -> 0;
      case BtfType.Array t -> 0;
      case BtfType.Function t -> 0;
      case BtfType.Variable t -> 0;
      case BtfType.DataSection t -> 0;
      case BtfType.VoidType t -> 0;
      case BtfType.Int t -> 0;
      case BtfType.Enumeration t -> 0;
      case BtfType.Forward t -> 0;
      case BtfType.FloatType t -> 0;
      case BtfType.Typedef t -> throw new IllegalStateException("resolved to a typedef");
      case BtfType.Qualifier t -> throw new IllegalStateException("resolved to a qualifier");
      case BtfType.TypeTag t -> throw new IllegalStateException("resolved to a type tag");
      case BtfType.DeclarationTag t -> 0;
    };
  }

  /// The part: the types kept, in the order of their ids, then the declarations.
  public Btf toBtf() {
    keepTags();
    int[] ids = new int[reach.length];
    List<BtfType> types = new ArrayList<>();
    int next = 1;
    for (int id = 1; id < reach.length; id++) {
      if (isWritten(id)) {
        ids[id] = next++;
      }
    }
    Map<BtfType.Forward, Integer> declarations = new HashMap<>();
    List<BtfType> declared = new ArrayList<>();
    for (int id = 1; id < reach.length; id++) {
      if (reach[id] == DECLARED) {
        Optional<BtfType.Forward> forward = declaration(source.type(id));
        if (forward.isPresent()) {
          Integer known = declarations.get(forward.get());
          if (known == null) {
            known = next++;
            declarations.put(forward.get(), known);
            declared.add(forward.get());
          }
          ids[id] = known;
        }
      }
    }
    for (int id = 1; id < reach.length; id++) {
      if (isWritten(id)) {
        types.add(renumber(source.type(id), old -> ids[old]));
      }
    }
    types.addAll(declared);
    return Btf.of(types, source.order());
  }

  /// Declaration tags come with what they are on.
  private void keepTags() {
    for (int id = 1; id < reach.length; id++) {
      if (source.type(id) instanceof BtfType.DeclarationTag tag && keeps(tag.target())) {
        reach[id] = 1;
      }
    }
  }

  /// What is only declared is written where it is neither a struct nor a function.
  private boolean isWritten(int id) {
    return reach[id] > DECLARED
        || (reach[id] == DECLARED
            && !(source.type(id) instanceof BtfType.Composite)
            && !(source.type(id) instanceof BtfType.Prototype));
  }

  /// Empty for what cannot be declared, to which a pointer is one to `void`.
  private static Optional<BtfType.Forward> declaration(BtfType type) {
    return type instanceof BtfType.Composite composite && !composite.name().isEmpty()
        ? Optional.of(new BtfType.Forward(composite.name(), composite.union()))
        : Optional.empty();
  }

  private static BtfType renumber(BtfType type, IntUnaryOperator to) {
    return switch (type) {
      case BtfType.Pointer(int target) -> new BtfType.Pointer(to.applyAsInt(target));
      case BtfType.Array(int element, int index, int count) ->
          new BtfType.Array(to.applyAsInt(element), to.applyAsInt(index), count);
      case BtfType.Composite(var name, boolean union, int size, var members) ->
          new BtfType.Composite(
              name,
              union,
              size,
              members.stream()
                  .map(m ->
                      new BtfType.Member(
                          m.name(), to.applyAsInt(m.type()), m.bitOffset(), m.bitFieldBits()))
                  .toList());
      case BtfType.Typedef(var name, int target) ->
          new BtfType.Typedef(name, to.applyAsInt(target));
      case BtfType.Qualifier(var word, int target) ->
          new BtfType.Qualifier(word, to.applyAsInt(target));
      case BtfType.TypeTag(var name, int target, boolean attribute) ->
          new BtfType.TypeTag(name, to.applyAsInt(target), attribute);
      case BtfType.Function(var name, int prototype, var linkage) ->
          new BtfType.Function(name, to.applyAsInt(prototype), linkage);
      case BtfType.Prototype(int result, var parameters) ->
          new BtfType.Prototype(
              to.applyAsInt(result),
              parameters.stream()
                  .map(p -> new BtfType.Parameter(p.name(), to.applyAsInt(p.type())))
                  .toList());
      case BtfType.Variable(var name, int of, var linkage) ->
          new BtfType.Variable(name, to.applyAsInt(of), linkage);
      case BtfType.DataSection(var name, int size, var variables) ->
          new BtfType.DataSection(
              name,
              size,
              variables.stream()
                  .map(v ->
                      new BtfType.SectionVariable(to.applyAsInt(v.type()), v.offset(), v.size()))
                  .toList());
      case BtfType.DeclarationTag(var name, int target, int component, boolean attribute) ->
          new BtfType.DeclarationTag(name, to.applyAsInt(target), component, attribute);
      case BtfType.VoidType t -> t;
      case BtfType.Int t -> t;
      case BtfType.Enumeration t -> t;
      case BtfType.Forward t -> t;
      case BtfType.FloatType t -> t;
    };
  }
}
