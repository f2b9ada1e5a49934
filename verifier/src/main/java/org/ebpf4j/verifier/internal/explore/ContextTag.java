package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;

/// What an argument of a global function may point to that is tagged as the context. Source:
/// `btf_validate_prog_ctx_type` in Linux's `kernel/bpf/btf.c`.
final class ContextTag {
  private static final int WORD_BYTES = 8;

  private ContextTag() {}

  static void check(Rules rules, Btf btf, int pointee, int index) {
    BtfType type = btf.resolved(pointee);
    if (type instanceof BtfType.VoidType || isRegisters(rules, btf, pointee)) {
      return;
    }
    if (type.name().isEmpty()) {
      throw refuse("arg#%d type doesn't have a name", index);
    }
    if (isOther(rules, type)) {
      return;
    }
    String expected = struct(rules);
    if (expected.isEmpty()) {
      throw refuse("arg#%d should be void pointer", index);
    }
    if (!structName(type).equals(expected)) {
      throw refuse("arg#%d should be `struct %s *`", index, expected);
    }
  }

  private static boolean isRegisters(Rules rules, Btf btf, int pointee) {
    return (rules.type() == ProgramType.KPROBE || rules.type() == ProgramType.PERF_EVENT)
        && GlobalParameters.typedefName(btf, pointee).equals("bpf_user_pt_regs_t");
  }

  /// Whether it is what programs of this type may take besides the struct of their context.
  private static boolean isOther(Rules rules, BtfType type) {
    boolean words = type instanceof BtfType.Int number && number.size() == WORD_BYTES;
    return switch (rules.type()) {
      case KPROBE, PERF_EVENT -> structName(type).equals("pt_regs");
      case RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE, LSM, STRUCT_OPS -> words;
      case TRACING ->
          switch (rules.hook().orElse(AttachType.TRACE_RAW_TP)) {
            case TRACE_RAW_TP -> words || structName(type).equals("bpf_raw_tracepoint_args");
            case TRACE_ITER -> structName(type).startsWith("bpf_iter__");
            default -> words;
          };
      case TRACEPOINT, SYSCALL, EXT -> true;
      default -> false;
    };
  }

  /// The struct that a type's programs are given, "" where that has no name of its own.
  private static String struct(Rules rules) {
    ProgramType type = rules.type();
    return switch (type) {
      case TRACING, LSM, STRUCT_OPS, LIRC_MODE2 -> "";
      default -> rules.context().layout().struct();
    };
  }

  private static String structName(BtfType type) {
    return type instanceof BtfType.Composite composite && !composite.union()
        ? composite.name()
        : "";
  }

  private static Refusal refuse(String reason, Object... values) {
    return Refusal.here(Errno.EINVAL, reason.formatted(values));
  }
}
