package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.InstructionException;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.outcome.Refusal;

/// What the kernel's log says of an instruction that is none.
public final class MalformedText {
  private static final int MOVE_64 = 0xbf;
  private static final int MAY_GOTO = 0xe5;

  /// The offset of a move that casts between address spaces.
  private static final int CAST = 1;

  private MalformedText() {}

  /// Refuses what no program may hold, reached or not.
  public static void checkAll(ProgramCode code) {
    for (int slot = 0; slot < code.size(); slot++) {
      if (code.at(slot) != null || code.isSecondHalf(slot)) {
        continue;
      }
      Refusal refusal = refusal(code, slot);
      boolean always =
          (refusal.reason().startsWith("unknown opcode") && !isAtomic(code.opcode(slot)))
              || refusal.reason().endsWith(" is invalid")
              || refusal.reason().startsWith("BPF_LDX")
              || code.opcode(slot) == 0x18;
      if (always) {
        throw refusal;
      }
    }
  }

  static Refusal refusal(ProgramCode code, int slot) {
    Bytecode bytecode = code.program().bytecode();
    try {
      InstructionCodec.decode(bytecode, slot);
      throw new IllegalStateException("slot " + slot + " holds an instruction");
    } catch (InstructionException e) {
      return Refusal.at(Errno.EINVAL, slot, text(bytecode.slot(slot), e));
    }
  }

  private static String text(long bits, InstructionException e) {
    int dst = Bytecode.dst(bits);
    int src = Bytecode.src(bits);
    if (e.field() == InstructionException.Field.DST && dst > 10) {
      return "R" + dst + " is invalid";
    }
    if (e.field() == InstructionException.Field.SRC && src > 10) {
      return "R" + src + " is invalid";
    }
    if (isAtomic(Bytecode.opcode(bits)) && isOperation(Bytecode.immediate(bits))) {
      return "invalid atomic operand size";
    }
    if (isAtomic(Bytecode.opcode(bits))) {
      return "BPF_ATOMIC uses invalid atomic opcode %02x".formatted(Bytecode.immediate(bits));
    }
    if (Bytecode.opcode(bits) == MAY_GOTO) {
      return "invalid may_goto imm " + Bytecode.immediate(bits);
    }
    if (isLoadOfNoMode(Bytecode.opcode(bits))) {
      return "BPF_LDX uses reserved fields";
    }
    if (Bytecode.opcode(bits) == MOVE_64 && Bytecode.offset(bits) == CAST) {
      return "addr_space_cast insn can only convert between address space 1 and 0";
    }
    if (e.field() == InstructionException.Field.OPCODE) {
      return "unknown opcode %02x".formatted(Bytecode.opcode(bits));
    }
    return switch (Bytecode.opcode(bits) & 7) {
      case 0 ->
          Bytecode.opcode(bits) == 0x18
              ? "BPF_LD_IMM64 uses reserved fields"
              : "BPF_LD_[ABS|IND] uses reserved fields";
      case 1 -> "BPF_LDX uses reserved fields";
      case 2 -> "BPF_ST uses reserved fields";
      case 3 -> "BPF_STX uses reserved fields";
      case 4, 7 -> alu(Bytecode.opcode(bits));
      default -> jump(Bytecode.opcode(bits));
    };
  }

  /// Whether it is a store of mode `BPF_ATOMIC`, of whatever size.
  private static boolean isAtomic(int opcode) {
    return (opcode & 0xe7) == 0xc3;
  }

  /// Whether it is a load of another mode than those that loads have, `BPF_MEM` and `BPF_MEMSX`.
  private static boolean isLoadOfNoMode(int opcode) {
    int mode = opcode & 0xe0;
    return (opcode & 7) == 1 && mode != 0x60 && mode != 0x80;
  }

  /// Whether a number stands for an atomic operation that reads and writes.
  private static boolean isOperation(int immediate) {
    return switch (immediate) {
      case 0x00, 0x01, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe1, 0xf1 -> true;
      default -> false;
    };
  }

  private static String alu(int opcode) {
    return switch (opcode & 0xf0) {
      case 0x80 -> "BPF_NEG uses reserved fields";
      case 0xb0 -> "BPF_MOV uses reserved fields";
      case 0xd0 -> "BPF_END uses reserved fields";
      default -> "BPF_ALU uses reserved fields";
    };
  }

  private static String jump(int opcode) {
    return switch (opcode & 0xf0) {
      case 0x00 -> "BPF_JA uses reserved fields";
      case 0x80 -> "BPF_CALL uses reserved fields";
      case 0x90 -> "BPF_EXIT uses reserved fields";
      default -> "BPF_JMP/JMP32 uses reserved fields";
    };
  }
}
