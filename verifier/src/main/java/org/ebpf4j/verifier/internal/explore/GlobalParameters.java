package org.ebpf4j.verifier.internal.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// What global functions take, as BTF and its tags (`arg:...`) say. Source: `btf_prepare_func_args`
/// in `kernel/bpf/btf.c` of Linux 6.18.
final class GlobalParameters {
  private static final String PREFIX = "arg:";
  private static final int MOST = 5;

  private static final String CONTEXT = "ctx";
  private static final String TRUSTED = "trusted";
  private static final String UNTRUSTED = "untrusted";
  private static final String NULLABLE = "nullable";
  private static final String NOT_NULL = "nonnull";
  private static final String ARENA = "arena";
  private static final Set<String> TAGS =
      Set.of(CONTEXT, TRUSTED, UNTRUSTED, NULLABLE, NOT_NULL, ARENA);

  private static final String INVALID_TAGS = "arg#%d has invalid combination of tags";

  private final Rules rules;

  /// What functions take, by their index: kernel types are found among some hundred thousand.
  private final Map<Integer, List<GlobalParameter>> known = new HashMap<>();

  GlobalParameters(Rules rules) {
    this.rules = rules;
  }

  /// @throws Refusal if the function cannot be called, whatever it is given
  List<GlobalParameter> of(Subprogram function) {
    List<GlobalParameter> found = known.get(function.index());
    if (found == null) {
      found = find(function);
      known.put(function.index(), found);
    }
    return found;
  }

  private List<GlobalParameter> find(Subprogram function) {
    Btf btf = rules.objectBtf();
    String name = function.name();
    if (function.type() == 0
        || !(btf.type(function.type()) instanceof BtfType.Function f)
        || !(btf.type(f.prototype()) instanceof BtfType.Prototype prototype)) {
      throw refuse("global function %s has no BTF", name);
    }
    if (!isNumber(btf.resolved(prototype.result()))) {
      throw refuse("Global function %s() doesn't return scalar. Only those are supported.", name);
    }
    int count = prototype.parameters().size();
    if (count > MOST) {
      throw refuse("Global function %s() with %d > 5 args. Buggy compiler.", name, count);
    }
    List<GlobalParameter> parameters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Set<String> tags = Set.copyOf(rules.tags().after(PREFIX, function.type(), i));
      if (!TAGS.containsAll(tags)) {
        throw Refusal.here(Errno.EOPNOTSUPP, "arg#%d has unsupported set of tags".formatted(i));
      }
      int type = prototype.parameters().get(i).type();
      if (btf.resolved(type) instanceof BtfType.Pointer(int pointee)) {
        parameters.add(pointer(btf, pointee, tags, i));
      } else if (!tags.isEmpty()) {
        throw refuse("arg#%d has pointer tag, but is not a pointer type", i);
      } else if (isNumber(btf.resolved(type))) {
        parameters.add(new GlobalParameter.PlainNumber());
      } else {
        throw refuse("Arg#%d type in %s() is not supported yet.", i, name);
      }
    }
    return parameters;
  }

  private static boolean isNumber(BtfType type) {
    return type instanceof BtfType.Int || type instanceof BtfType.Enumeration;
  }

  private GlobalParameter pointer(Btf btf, int pointee, Set<String> tags, int index) {
    if (tags.contains(CONTEXT) || isContext(rules, btf, pointee)) {
      require(tags.isEmpty() || tags.equals(Set.of(CONTEXT)), INVALID_TAGS, index);
      if (!tags.isEmpty()) {
        ContextTag.check(rules, btf, pointee, index);
      }
      return new GlobalParameter.Context();
    }
    if (btf.resolved(pointee).name().equals("bpf_dynptr")) {
      require(tags.isEmpty(), INVALID_TAGS, index);
      return new GlobalParameter.Dynptr();
    }
    if (tags.contains(TRUSTED)) {
      require(!tags.contains(NOT_NULL), INVALID_TAGS, index);
      int flags = Flags.TRUSTED | (tags.contains(NULLABLE) ? Flags.MAYBE_NULL : 0);
      return new GlobalParameter.KernelObject(kernelType(btf, pointee, index), flags);
    }
    if (tags.contains(UNTRUSTED)) {
      require(tags.size() == 1, "arg#%d untrusted cannot be combined with any other tags", index);
      return new GlobalParameter.Untrusted(untrusted(btf, pointee, index));
    }
    if (tags.contains(ARENA)) {
      require(tags.size() == 1, "arg#%d arena cannot be combined with any other tags", index);
      return new GlobalParameter.Arena();
    }
    require(!tags.contains(NULLABLE), INVALID_TAGS, index);
    OptionalInt size = new BtfLayout(btf).sizeOf(pointee);
    if (size.isEmpty()) {
      throw refuse(
          "arg#%d reference type('%s') size cannot be determined",
          index, btf.resolved(pointee).name());
    }
    return new GlobalParameter.Memory(size.getAsInt(), !tags.contains(NOT_NULL));
  }

  private static void require(boolean holds, String otherwise, int index) {
    if (!holds) {
      throw refuse(otherwise, index);
    }
  }

  private static Refusal refuse(String format, Object... arguments) {
    return Refusal.here(Errno.EINVAL, format.formatted(arguments));
  }

  /// A struct of the kernel, or, for a pointer to nothing or to numbers, memory without an end.
  private Value untrusted(Btf btf, int pointee, int index) {
    boolean plain =
        switch (btf.resolved(pointee)) {
          case BtfType.VoidType v -> true;
          case BtfType.Enumeration e -> true;
          case BtfType.Int i -> i.bitOffset() == 0 && i.bits() == i.size() * Byte.SIZE;
          default -> false;
        };
    if (plain) {
      return Value.pointer(Kind.MEMORY, Flags.READ_ONLY | Flags.UNTRUSTED, Target.Sized.of(0));
    }
    Target.Typed typed = kernelType(btf, pointee, index);
    BtfType found = typed.btf().type(typed.type());
    if (!(found instanceof BtfType.Composite)) {
      throw refuse(
          "arg#%d has type '%s', but only struct or primitive types are allowed",
          index, found.name());
    }
    return Value.pointer(Kind.BTF_OBJECT, Flags.UNTRUSTED, typed);
  }

  /// The kernel's type of this kind and name, flavours aside, of which there must be one.
  private Target.Typed kernelType(Btf btf, int pointee, int index) {
    BtfType local = btf.resolved(pointee);
    String name = local.name();
    if (name.isEmpty()) {
      throw refuse("arg#%d reference type('(anon)') candidate matching error: -22", index);
    }
    List<Integer> found = rules.kernel().candidates(local);
    if (found.size() != 1) {
      throw Refusal.here(
          found.isEmpty() ? Errno.ENOENT : Errno.ESRCH,
          "arg#%d reference type('%s') %s"
              .formatted(index, name, found.isEmpty() ? "has no matches" : "is ambiguous"));
    }
    return new Target.Typed(rules.kernel().btf(), found.getFirst());
  }

  /// Source: `btf_is_prog_ctx_type` in Linux's `kernel/bpf/btf.c`.
  static boolean isContext(Rules rules, Btf btf, int pointee) {
    String typedef = typedefName(btf, pointee);
    String struct = btf.resolved(pointee) instanceof BtfType.Composite c ? c.name() : "";
    return switch (rules.type()) {
      case KPROBE ->
          typedef.equals("bpf_user_pt_regs_t")
              || struct.equals("bpf_user_pt_regs_t")
              || struct.equals("pt_regs");
      case RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE -> struct.equals("bpf_raw_tracepoint_args");
      default -> !struct.isEmpty() && struct.equals(rules.context().layout().struct());
    };
  }

  static String typedefName(Btf btf, int type) {
    int at = type;
    while (true) {
      switch (btf.type(at)) {
        case BtfType.Typedef(String name, int target) -> {
          return name;
        }
        case BtfType.Qualifier(var word, int target) -> at = target;
        case BtfType.TypeTag tag -> at = tag.target();
        default -> {
          return "";
        }
      }
    }
  }
}
