package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// The stacks of all functions that may be active at once take at most 512 bytes, and there are at
/// most 8 of them. Source: `check_max_stack_depth` in Linux's `kernel/bpf/verifier.c`.
final class StackDepthCheck {
  private static final int TAIL_CALL_STACK = 256;

  private final ProgramCode code;

  StackDepthCheck(ProgramCode code) {
    this.code = code;
  }

  void check() {
    for (int i = 0; i < code.subprogramCount(); i++) {
      if (i == 0 || code.subprogram(i).isAsyncCallback) {
        check(code.subprogram(i), 0, 1, false);
      }
    }
  }

  private void check(Subprogram subprogram, int above, int frames, boolean tailCalls) {
    boolean reachable = tailCalls || subprogram.hasTailCall;
    if (above >= TAIL_CALL_STACK && subprogram.hasTailCall && subprogram.index() != 0) {
      throw Refusal.at(
          subprogram.start(),
          "tail_calls are not allowed when call stack of previous frames is %d bytes. Too large"
              .formatted(above));
    }
    int depth = above + round(subprogram.stackDepth);
    if (depth > Frame.STACK_BYTES) {
      throw Refusal.at(
          subprogram.start(),
          "combined stack size of %d calls is %d. Too large".formatted(frames, depth));
    }
    for (int slot = subprogram.start(); slot < subprogram.end(); slot++) {
      int callee =
          switch (code.at(slot)) {
            case Instruction.CallLocal call -> code.subprogramStarting(slot + call.offset() + 1);
            case Instruction.LoadImmediate64 load
                when load.source() == Instruction.LoadImmediate64.Source.FUNCTION -> {
              int found = code.subprogramStarting(slot + load.low() + 1);
              yield found >= 0 && !code.subprogram(found).isAsyncCallback ? found : -1;
            }
            case null, default -> -1;
          };
      if (callee < 0) {
        continue;
      }
      if (code.subprogram(callee).isExceptionCallback) {
        throw Refusal.at(slot, "insn %d cannot call exception cb directly".formatted(slot));
      }
      if (frames >= VerifierState.MAX_FRAMES) {
        throw Refusal.at(slot, "the call stack of %d frames is too deep !".formatted(frames));
      }
      check(code.subprogram(callee), depth, frames + 1, reachable);
    }
  }

  private static int round(int depth) {
    return (Math.max(depth, 1) + 15) & ~15;
  }
}
