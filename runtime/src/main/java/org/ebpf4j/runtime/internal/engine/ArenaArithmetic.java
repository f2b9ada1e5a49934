package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.RegisterFact;

/// What 64-bit instructions compute of pointers into an arena keeps to 32 bits, the window of the
/// arena, in proven programs: Linux's verifier asks for that (`needs_zext` in
/// `adjust_reg_min_max_vals`). Programs that were not proven have what their instructions say.
public final class ArenaArithmetic {
  private static final int CLASS = 0x07;
  private static final int ALU32 = 0x04;
  private static final int ALU64 = 0x07;
  private static final int OPERATION = 0xf0;
  private static final int OF_REGISTER = 0x08;

  private static final int TO_32_BITS = Operation.ADD32 - Operation.ADD64;

  private ArenaArithmetic() {}

  /// The program with such instructions as 32-bit ones.
  public static LinkedProgram narrow(LinkedProgram program, Facts facts) {
    if (program.arena().isEmpty()) {
      return program;
    }
    long[] slots = program.bytecode().toSlots();
    long[] code = program.code().clone();
    for (int slot = 0; slot < slots.length; slot++) {
      if (isNarrowed(slots[slot], slot, facts)) {
        slots[slot] = (slots[slot] & ~CLASS) | ALU32;
        code[slot] += TO_32_BITS;
      }
    }
    return program.withCode(code, Bytecode.of(slots));
  }

  private static boolean isNarrowed(long instruction, int slot, Facts facts) {
    int opcode = Bytecode.opcode(instruction);
    return (opcode & CLASS) == ALU64
        && followsFromLowerHalves(opcode & OPERATION)
        && (isArena(facts.before(slot, Bytecode.dst(instruction)))
            || ((opcode & OF_REGISTER) != 0
                && isArena(facts.before(slot, Bytecode.src(instruction)))));
  }

  private static boolean isArena(RegisterFact fact) {
    return fact instanceof RegisterFact.Pointer pointer && pointer.kind() == PointerKind.ARENA;
  }

  /// Addition, subtraction, multiplication and bits. Nobody shifts or divides a pointer.
  private static boolean followsFromLowerHalves(int operation) {
    return switch (operation) {
      case 0x00, 0x10, 0x20, 0x40, 0x50, 0xa0 -> true;
      default -> false;
    };
  }
}
