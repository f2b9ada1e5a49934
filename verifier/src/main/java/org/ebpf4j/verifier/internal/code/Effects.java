package org.ebpf4j.verifier.internal.code;

import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.jspecify.annotations.Nullable;

/// Which registers an instruction reads and writes, as bits: bit `n` for register `n`.
final class Effects {
  private static final int R0 = 1;
  private static final int CLOBBERED = 0x3f;
  private static final int ARGUMENTS = 0x3e;

  private Effects() {}

  static int reads(@Nullable Instruction instruction) {
    return switch (instruction) {
      case Instruction.Alu(var width, var operation, var dst, var src) ->
          operation == AluOperation.MOV ? bit(src) : bit(src) | 1 << dst.number();
      case Instruction.Negate i -> 1 << i.dst().number();
      case Instruction.MoveSignExtended i -> 1 << i.src().number();
      case Instruction.SwapBytes i -> 1 << i.dst().number();
      case Instruction.CastAddressSpace i -> 1 << i.src().number();
      case Instruction.Load i -> 1 << i.src().number();
      case Instruction.Store i -> bit(i.src()) | 1 << i.dst().number();
      case Instruction.Atomic i ->
          1 << i.dst().number()
              | 1 << i.src().number()
              | (i.operation() == AtomicOperation.CMPXCHG ? R0 : 0);
      case Instruction.LoadAcquire i -> 1 << i.src().number();
      case Instruction.StoreRelease i -> 1 << i.dst().number() | 1 << i.src().number();
      case Instruction.LoadImmediate64 i -> 0;
      case Instruction.LoadPacket i -> bit(i.index()) | 1 << 6;
      case Instruction.Jump i -> bit(i.src()) | 1 << i.dst().number();
      case Instruction.Goto i -> 0;
      case Instruction.MayGoto i -> 0;
      case Instruction.CallHelper i -> ARGUMENTS;
      case Instruction.CallLocal i -> ARGUMENTS;
      case Instruction.CallKernel i -> ARGUMENTS;
      case Instruction.Exit i -> R0;
      case null -> 0x7ff;
    };
  }

  static int writes(@Nullable Instruction instruction) {
    return switch (instruction) {
      case Instruction.Alu i -> 1 << i.dst().number();
      case Instruction.Negate i -> 1 << i.dst().number();
      case Instruction.MoveSignExtended i -> 1 << i.dst().number();
      case Instruction.SwapBytes i -> 1 << i.dst().number();
      case Instruction.CastAddressSpace i -> 1 << i.dst().number();
      case Instruction.Load i -> 1 << i.dst().number();
      case Instruction.Store i -> 0;
      case Instruction.Atomic i ->
          i.operation() == AtomicOperation.CMPXCHG
              ? R0
              : i.operation().fetches() ? 1 << i.src().number() : 0;
      case Instruction.LoadAcquire i -> 1 << i.dst().number();
      case Instruction.StoreRelease i -> 0;
      case Instruction.LoadImmediate64 i -> 1 << i.dst().number();
      case Instruction.LoadPacket i -> CLOBBERED;
      case Instruction.Jump i -> 0;
      case Instruction.Goto i -> 0;
      case Instruction.MayGoto i -> 0;
      case Instruction.CallHelper i -> CLOBBERED;
      case Instruction.CallLocal i -> CLOBBERED;
      case Instruction.CallKernel i -> CLOBBERED;
      case Instruction.Exit i -> 0;
      case null -> 0;
    };
  }

  private static int bit(Operand operand) {
    return switch (operand) {
      case Operand.Reg(var register) -> 1 << register.number();
      case Operand.Imm imm -> 0;
    };
  }
}
