package org.ebpf4j.verifier.internal.code;

import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.internal.outcome.Refusal;

/// Where jumps go: each stays in its function, and no function runs on into the next. Linux looks
/// at that before anything else (`check_subprogs` in `kernel/bpf/verifier.c`).
final class JumpCheck {
  /// What is no jump.
  static final int NO_TARGET = Integer.MIN_VALUE;

  private static final int CALL = 0x80;
  private static final int EXIT = 0x95;
  private static final int GOTO = 0x05;
  private static final int GOTO_WIDE = 0x06;
  private static final int TAIL_CALL = 12;

  private JumpCheck() {}

  static void check(ProgramCode code) {
    for (int i = 0; i < code.subprogramCount(); i++) {
      Subprogram subprogram = code.subprogram(i);
      int last = subprogram.start();
      for (int slot = subprogram.start(); slot < subprogram.end(); slot++) {
        if (code.isSecondHalf(slot)) {
          continue;
        }
        last = slot;
        int target = target(code, slot);
        if (target != NO_TARGET && (target < subprogram.start() || target >= subprogram.end())) {
          throw Refusal.at(
              Errno.EINVAL, slot, "jump out of range from insn " + slot + " to " + target);
        }
        if (code.at(slot) instanceof Instruction.CallHelper(int helper) && helper == TAIL_CALL) {
          subprogram.hasTailCall = true;
        }
      }
      int opcode = code.opcode(last);
      if (opcode != EXIT && opcode != GOTO && opcode != GOTO_WIDE) {
        throw Refusal.at(Errno.EINVAL, last, "last insn is not an exit or jmp");
      }
    }
  }

  private static int target(ProgramCode code, int slot) {
    return switch (code.at(slot)) {
      case Instruction.Jump i -> slot + 1 + i.offset();
      case Instruction.Goto i -> slot + 1 + i.offset();
      case Instruction.MayGoto i -> slot + 1 + i.offset();
      case null -> malformedTarget(code, slot);
      default -> NO_TARGET;
    };
  }

  /// Where a jump with reserved bits set would go: the graph is checked before its bits are.
  static int malformedTarget(ProgramCode code, int slot) {
    int opcode = code.opcode(slot);
    boolean jump = (opcode & 7) == 5 || (opcode & 7) == 6;
    if (!jump || (opcode & 0xf0) == CALL || (opcode & 0xf0) == (EXIT & 0xf0)) {
      return NO_TARGET;
    }
    return slot + 1 + code.distance(slot, opcode == GOTO_WIDE);
  }
}
