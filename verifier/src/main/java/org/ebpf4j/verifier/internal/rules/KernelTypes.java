package org.ebpf4j.verifier.internal.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.state.Target;

/// The kernel's types, if they are given.
public final class KernelTypes {
  /// The declaration tag of functions that programs may call.
  private static final String OFFERED = "bpf_kfunc";

  /// Functions that are marked so only for programs to be attached to them. Source:
  /// `bpf_test_modify_return_ids` in Linux's `net/bpf/test_run.c`.
  private static final Set<String> ONLY_ATTACHED =
      Set.of("bpf_fentry_test1", "bpf_modify_return_test", "bpf_modify_return_test2");

  /// A function that every kernel has, and that no program has to do with.
  private static final String WHOLE_ONLY = "start_kernel";

  private final Optional<Btf> btf;

  public KernelTypes(Optional<Btf> btf) {
    this.btf = btf;
  }

  public boolean isKnown() {
    return btf.isPresent();
  }

  /// Whether they are all of a kernel's types, under the numbers that they have there, not those
  /// that somebody cut out.
  public boolean isWhole() {
    return btf.filter(types -> !types.find(WHOLE_ONLY, BtfType.Function.class).isEmpty())
        .isPresent();
  }

  /// The kernel's BTF.
  ///
  /// @throws NotJudged if it is not given
  public Btf btf() {
    return btf.orElseThrow(
        () -> new NotJudged("the program uses kernel types; give the kernel's BTF"));
  }

  /// A struct of the kernel by name.
  ///
  /// @throws NotJudged if it is not known
  public Target.Typed struct(String name) {
    return new Target.Typed(btf(), structId(name));
  }

  /// The BTF id of a struct. What follows three underscores is a flavour, unless the kernel has a
  /// struct of just that name.
  public int structId(String name) {
    int flavour = name.indexOf("___");
    List<Integer> ids = btf().find(name, BtfType.Composite.class);
    if (ids.isEmpty() && flavour > 0) {
      ids = btf().find(name.substring(0, flavour), BtfType.Composite.class);
    }
    if (ids.isEmpty()) {
      throw new NotJudged("the kernel's BTF has no struct " + name);
    }
    return ids.getFirst();
  }

  /// The types of the same kind and name as one of an object, without the flavours of both: those
  /// that Linux takes for it. Source: `bpf_core_find_cands`.
  ///
  /// @throws NotJudged if there is none among types that are not all of a kernel's
  public List<Integer> candidates(BtfType local) {
    String name = withoutFlavour(local.name());
    List<Integer> found = new ArrayList<>();
    for (int id = 1; id < btf().endId(); id++) {
      BtfType type = btf().type(id);
      if (type.getClass() == local.getClass()
          && type.name().startsWith(name)
          && withoutFlavour(type.name()).equals(name)
          && isSameKind(type, local)) {
        found.add(id);
      }
    }
    if (found.isEmpty() && !isWhole()) {
      throw new NotJudged("the kernel's BTF has no " + name);
    }
    return found;
  }

  private static String withoutFlavour(String name) {
    int flavour = name.lastIndexOf("___");
    return flavour > 0 ? name.substring(0, flavour) : name;
  }

  private static boolean isSameKind(BtfType a, BtfType b) {
    return switch (a) {
      case BtfType.Composite c -> b instanceof BtfType.Composite o && c.union() == o.union();
      case BtfType.Enumeration e -> b instanceof BtfType.Enumeration o && e.wide() == o.wide();
      default -> true;
    };
  }

  /// The `FUNC` of this name.
  public Optional<Integer> function(String name) {
    return btf().find(name, BtfType.Function.class).stream().findFirst();
  }

  /// Whether the kernel has a function of this name that it does not offer to programs. Kernels
  /// that do not mark those that they offer tell nothing.
  public boolean isWithheld(String name) {
    Optional<Integer> function = function(name);
    if (function.isPresent() && ONLY_ATTACHED.contains(name)) {
      return true;
    }
    boolean marks = false;
    for (BtfType type : function.isEmpty() ? List.<BtfType>of() : btf().ownTypes()) {
      if (type instanceof BtfType.DeclarationTag tag && tag.name().equals(OFFERED)) {
        if (tag.target() == function.get()) {
          return false;
        }
        marks = true;
      }
    }
    return marks;
  }

  /// Whether programs can be members of structs of this name.
  public boolean takesStructOps(String struct) {
    return !btf().find("bpf_struct_ops_" + struct, BtfType.Composite.class).isEmpty();
  }

  /// Whether the kernel has a function of this name, or of the name without its flavour, that takes
  /// and returns what the object declares.
  public boolean hasFunction(String name, Btf object, int declared) {
    int flavour = name.indexOf("___");
    Optional<Integer> found = function(name);
    if (found.isEmpty() && flavour > 0) {
      found = function(name.substring(0, flavour));
    }
    return found.isPresent() && isAlike(object, declared, btf(), found.get());
  }

  private static boolean isAlike(Btf object, int declared, Btf kernel, int function) {
    if (!(prototype(object, declared) instanceof BtfType.Prototype wanted)
        || !(prototype(kernel, function) instanceof BtfType.Prototype found)) {
      return true;
    }
    boolean alike =
        wanted.parameters().size() == found.parameters().size()
            && isAlikeType(object, wanted.result(), kernel, found.result());
    for (int i = 0; alike && i < found.parameters().size(); i++) {
      int given = wanted.parameters().get(i).type();
      alike = isAlikeType(object, given, kernel, found.parameters().get(i).type());
    }
    return alike;
  }

  private static BtfType prototype(Btf btf, int function) {
    return btf.type(function) instanceof BtfType.Function f ? btf.type(f.prototype()) : btf.type(0);
  }

  /// Whether two types are of one kind, and pointers point to one kind, as libbpf holds what an
  /// object declares against the kernel's (`bpf_core_types_are_compat`).
  private static boolean isAlikeType(Btf object, int a, Btf kernel, int b) {
    BtfType given = object.resolved(a);
    BtfType wanted = kernel.resolved(b);
    if (given instanceof BtfType.Pointer(int from) && wanted instanceof BtfType.Pointer(int to)) {
      return isAlikeType(object, from, kernel, to);
    }
    if (given instanceof BtfType.Composite struct) {
      // Types that were cut to a part may have lost what a pointer leads to.
      return wanted instanceof BtfType.Forward
          || (wanted instanceof BtfType.Composite other && struct.union() == other.union());
    }
    return given.getClass() == wanted.getClass();
  }

  /// The `VAR` of this name.
  public Optional<Integer> variable(String name) {
    return btf().find(name, BtfType.Variable.class).stream().findFirst();
  }

  /// Whether every CPU has a variable of its own.
  public boolean isPerCpu(int variable) {
    for (int id : btf().find(".data..percpu", BtfType.DataSection.class)) {
      if (btf().type(id) instanceof BtfType.DataSection section) {
        for (BtfType.SectionVariable placed : section.variables()) {
          if (placed.type() == variable) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
