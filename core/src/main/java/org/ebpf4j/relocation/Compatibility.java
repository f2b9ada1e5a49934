package org.ebpf4j.relocation;

import java.util.List;
import java.util.function.Predicate;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.EssentialName;

/// When a type of the object and a type of the target are taken for each other. Qualifiers and
/// typedefs never matter.
///
/// The rules are those that the comments in Linux's `tools/lib/bpf/relo_core.c` and `libbpf.c` lay
/// down; the three relations differ in what they ask for.
public final class Compatibility {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_STEPS = 1 << 20;

  private final Btf local;
  private final Btf target;
  private int steps;

  Compatibility(Btf local, Btf target) {
    this.local = local;
    this.target = target;
  }

  /// Whether what the object declares as a function or variable of the kernel may stand for it
  /// (libbpf's `bpf_core_types_are_compat` on both types without qualifiers and typedefs): the same
  /// kind all the way down through pointers, arrays and prototypes.
  ///
  /// @param localId a type of `local`, the object's BTF
  /// @param targetId a type of `target`, the kernel's BTF
  public static boolean areCompatible(Btf local, int localId, Btf target, int targetId) {
    return new Compatibility(local, target).types(localId, targetId, MAX_DEPTH);
  }

  /// Whether kinds agree, so that one may be a candidate for the other. Enumerations of either
  /// width do.
  static boolean sameKind(BtfType a, BtfType b) {
    return switch (a) {
      case BtfType.Composite x -> b instanceof BtfType.Composite y && x.union() == y.union();
      case BtfType.Qualifier x -> b instanceof BtfType.Qualifier y && x.word() == y.word();
      default -> a.getClass() == b.getClass();
    };
  }

  /// Whether a field of the one type may be read as one of the other: composites and pointers are
  /// all alike, integers of any size too, arrays are if their elements are, enumerations if their
  /// names are the same or missing.
  boolean fields(int localId, int targetId) {
    BtfType a = local.resolved(localId);
    BtfType b = target.resolved(targetId);
    if (a instanceof BtfType.Composite && b instanceof BtfType.Composite) {
      return true;
    }
    if (!sameKind(a, b)) {
      return false;
    }
    return switch (a) {
      case BtfType.Pointer x -> true;
      case BtfType.FloatType x -> true;
      case BtfType.Forward x -> sameOrNoName(a, b);
      case BtfType.Enumeration x -> sameOrNoName(a, b);
      case BtfType.Int x -> x.bitOffset() == 0 && ((BtfType.Int) b).bitOffset() == 0;
      case BtfType.Array x -> fields(x.element(), ((BtfType.Array) b).element());
      default -> false;
    };
  }

  /// Whether the types are of the same kind all the way down through pointers, arrays and
  /// prototypes. Contents of composites do not matter.
  boolean types(int localId, int targetId) {
    return sameKind(local.type(localId), target.type(targetId))
        && types(localId, targetId, MAX_DEPTH);
  }

  private boolean types(int localId, int targetId, int depth) {
    BtfType a = local.resolved(localId);
    BtfType b = target.resolved(targetId);
    if (depth == 0 || !sameKind(a, b) || ++steps > MAX_STEPS) {
      return false;
    }
    return switch (a) {
      case BtfType.VoidType x -> true;
      case BtfType.Composite x -> true;
      case BtfType.Enumeration x -> true;
      case BtfType.Forward x -> true;
      case BtfType.Int x -> x.bitOffset() == 0 && ((BtfType.Int) b).bitOffset() == 0;
      case BtfType.Pointer x -> types(x.target(), ((BtfType.Pointer) b).target(), depth - 1);
      case BtfType.Array x -> types(x.element(), ((BtfType.Array) b).element(), depth - 1);
      case BtfType.Prototype x -> {
        BtfType.Prototype y = (BtfType.Prototype) b;
        yield types(x.result(), y.result(), depth - 1)
            && pairwise(x, y, (p, q) -> types(p, q, depth - 1));
      }
      default -> false;
    };
  }

  /// Whether all that the local type says holds for the target type as well: sizes and signs of
  /// integers, lengths of arrays, all members and enumerators by name. What is behind a pointer
  /// need only have the same name and kind.
  boolean matches(int localId, int targetId) {
    return matches(localId, targetId, false, MAX_DEPTH);
  }

  private boolean matches(int localId, int targetId, boolean behindPointer, int depth) {
    BtfType a = local.resolved(localId);
    BtfType b = target.resolved(targetId);
    if (depth == 0 || ++steps > MAX_STEPS || !sameEssentialName(a.name(), b.name())) {
      return false;
    }
    return switch (a) {
      case BtfType.VoidType x -> b instanceof BtfType.VoidType;
      case BtfType.Forward x -> forwardMatches(x, b, behindPointer);
      case BtfType.Composite x -> compositeMatches(x, b, behindPointer, depth);
      case BtfType.Enumeration x ->
          b instanceof BtfType.Enumeration y
              && x.size() == y.size()
              && x.enumerators().stream()
                  .allMatch(e ->
                      y.enumerators().stream()
                          .anyMatch(f -> sameEssentialName(e.name(), f.name())));
      case BtfType.Int x ->
          b instanceof BtfType.Int y && x.size() == y.size() && isSigned(x) == isSigned(y);
      case BtfType.Pointer x ->
          b instanceof BtfType.Pointer y && matches(x.target(), y.target(), true, depth - 1);
      case BtfType.Array x ->
          b instanceof BtfType.Array y
              && x.count() == y.count()
              && matches(x.element(), y.element(), behindPointer, depth - 1);
      case BtfType.Prototype x ->
          b instanceof BtfType.Prototype y
              && matches(x.result(), y.result(), behindPointer, depth - 1)
              && pairwise(x, y, (p, q) -> matches(p, q, behindPointer, depth - 1));
      default -> false;
    };
  }

  private static boolean forwardMatches(BtfType.Forward a, BtfType b, boolean behindPointer) {
    return switch (b) {
      case BtfType.Forward y -> a.union() == y.union();
      case BtfType.Composite y -> behindPointer && a.union() == y.union();
      default -> false;
    };
  }

  private boolean compositeMatches(
      BtfType.Composite a, BtfType b, boolean behindPointer, int depth) {
    if (behindPointer && b instanceof BtfType.Forward y) {
      return a.union() == y.union();
    }
    if (!(b instanceof BtfType.Composite y) || a.union() != y.union()) {
      return false;
    }
    if (behindPointer) {
      return true;
    }
    for (BtfType.Member member : a.members()) {
      Predicate<BtfType.Member> same =
          other ->
              sameEssentialName(member.name(), other.name())
                  && matches(member.type(), other.type(), false, depth - 1);
      if (y.members().stream().noneMatch(same)) {
        return false;
      }
    }
    return a.members().size() <= y.members().size();
  }

  @FunctionalInterface
  private interface Relation {
    boolean holds(int localId, int targetId);
  }

  private static boolean pairwise(BtfType.Prototype a, BtfType.Prototype b, Relation relation) {
    List<BtfType.Parameter> x = a.parameters();
    List<BtfType.Parameter> y = b.parameters();
    if (x.size() != y.size()) {
      return false;
    }
    for (int i = 0; i < x.size(); i++) {
      if (!relation.holds(x.get(i).type(), y.get(i).type())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSigned(BtfType.Int type) {
    return type.encoding() == BtfType.Int.Encoding.SIGNED;
  }

  private static boolean sameOrNoName(BtfType a, BtfType b) {
    return a.name().isEmpty() || b.name().isEmpty() || sameEssentialName(a.name(), b.name());
  }

  private static boolean sameEssentialName(String a, String b) {
    return EssentialName.of(a).equals(EssentialName.of(b));
  }
}
