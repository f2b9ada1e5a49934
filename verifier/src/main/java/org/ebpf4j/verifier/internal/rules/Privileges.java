package org.ebpf4j.verifier.internal.rules;

import java.util.Locale;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.outcome.Refusal;

/// What a program may be and contain that is loaded without `CAP_BPF`.
///
/// Source: `bpf_prog_load` and `add_subprog_and_kfunc` in Linux's `kernel/bpf`.
public final class Privileges {
  private static final int MAX_INSTRUCTIONS = 4096;

  private Privileges() {}

  /// @throws Refusal if whoever loads the program needs privileges, and lacks them
  public static void check(ProgramCode code, Rules rules) {
    if (!rules.isUnprivileged()) {
      return;
    }
    ProgramType type = rules.type();
    if (type != ProgramType.SOCKET_FILTER && type != ProgramType.CGROUP_SKB) {
      throw Refusal.at(
          Errno.EPERM,
          0,
          "programs of type %s are loaded with CAP_BPF only"
              .formatted(type.name().toLowerCase(Locale.ROOT)));
    }
    if (code.size() > MAX_INSTRUCTIONS) {
      throw Refusal.at(
          Errno.E2BIG,
          0,
          "the program has %d instructions; without CAP_BPF it may have %d"
              .formatted(code.size(), MAX_INSTRUCTIONS));
    }
    for (int slot = 0; slot < code.size(); slot++) {
      if (isFunction(code, slot)) {
        throw Refusal.at(
            Errno.EPERM,
            slot,
            "loading/calling other bpf or kernel functions are allowed for CAP_BPF and"
                + " CAP_SYS_ADMIN");
      }
    }
  }

  private static boolean isFunction(ProgramCode code, int slot) {
    return switch (code.at(slot)) {
      case Instruction.CallLocal call -> true;
      case Instruction.CallKernel call -> true;
      case Instruction.LoadImmediate64 load ->
          load.source() == Instruction.LoadImmediate64.Source.FUNCTION;
      case null, default -> false;
    };
  }
}
