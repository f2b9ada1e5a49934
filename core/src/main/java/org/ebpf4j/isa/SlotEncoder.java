package org.ebpf4j.isa;

import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.Atomic;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.CallKernel;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.CastAddressSpace;
import org.ebpf4j.isa.Instruction.Exit;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadAcquire;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.LoadPacket;
import org.ebpf4j.isa.Instruction.MayGoto;
import org.ebpf4j.isa.Instruction.MoveSignExtended;
import org.ebpf4j.isa.Instruction.Negate;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.Instruction.StoreRelease;
import org.ebpf4j.isa.Instruction.SwapBytes;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;

/// Encodes single instructions; see [SlotDecoder] for the way back.
final class SlotEncoder {
  private SlotEncoder() {}

  /// The slot of an instruction, the first one where there are two.
  static long first(Instruction instruction) {
    return switch (instruction) {
      case Alu i ->
          binary(
              aluClass(i.width()) | i.operation().code(), i.dst(), i.src(), i.operation().offset());
      case Negate i -> slot(aluClass(i.width()) | Opcode.NEGATE, number(i.dst()), 0, 0, 0);
      case MoveSignExtended i ->
          binary(
              aluClass(i.width()) | AluOperation.MOV.code(), i.dst(), new Reg(i.src()), i.bits());
      case SwapBytes i -> slot(swapOpcode(i.order()), number(i.dst()), 0, 0, i.bits());
      case CastAddressSpace i ->
          slot(
              Opcode.ALU64 | AluOperation.MOV.code() | Opcode.REGISTER,
              number(i.dst()),
              number(i.src()),
              Opcode.CAST_ADDRESS_SPACE,
              i.to() << 16 | i.from());
      case Load i ->
          slot(
              Opcode.LDX | i.size().code() | (i.signed() ? Opcode.MEMORY_SIGNED : Opcode.MEMORY),
              number(i.dst()),
              number(i.src()),
              i.offset(),
              0);
      case Store i -> store(i);
      case Atomic i -> atomic(i.size(), i.dst(), i.src(), i.offset(), i.operation().immediate());
      case LoadAcquire i -> atomic(i.size(), i.dst(), i.src(), i.offset(), Opcode.LOAD_ACQUIRE);
      case StoreRelease i -> atomic(i.size(), i.dst(), i.src(), i.offset(), Opcode.STORE_RELEASE);
      case LoadImmediate64 i ->
          slot(Opcode.LOAD_IMMEDIATE_64, number(i.dst()), i.source().number(), 0, i.low());
      case LoadPacket i -> loadPacket(i);
      case Jump i ->
          binary(jumpClass(i.width()) | i.condition().code(), i.dst(), i.src(), i.offset());
      case Goto i ->
          i.wide()
              ? slot(Opcode.JMP32 | Opcode.GOTO, 0, 0, 0, i.offset())
              : slot(Opcode.JMP64 | Opcode.GOTO, 0, 0, i.offset(), 0);
      case MayGoto i -> slot(Opcode.JMP64 | Opcode.MAY_GOTO, 0, 0, i.offset(), 0);
      case CallHelper i -> call(Opcode.CALL_HELPER, 0, i.helper());
      case CallLocal i -> call(Opcode.CALL_LOCAL, 0, i.offset());
      case CallKernel i -> call(Opcode.CALL_KERNEL, i.module(), i.btfId());
      case Exit _ -> slot(Opcode.JMP64 | Opcode.EXIT, 0, 0, 0, 0);
    };
  }

  /// The second slot of a 64-bit immediate load: an immediate and nothing else.
  static long second(LoadImmediate64 load) {
    return slot(0, 0, 0, 0, load.high());
  }

  private static long store(Store store) {
    int opcode = Opcode.MEMORY | store.size().code();
    int dst = number(store.dst());
    return switch (store.src()) {
      case Reg(Register src) -> slot(Opcode.STX | opcode, dst, number(src), store.offset(), 0);
      case Imm(int value) -> slot(Opcode.ST | opcode, dst, 0, store.offset(), value);
    };
  }

  private static long loadPacket(LoadPacket load) {
    int opcode = Opcode.LD | load.size().code();
    return switch (load.index()) {
      case Reg(Register index) ->
          slot(opcode | Opcode.PACKET_INDIRECT, 0, number(index), 0, load.offset());
      case Imm _ -> slot(opcode | Opcode.PACKET_ABSOLUTE, 0, 0, 0, load.offset());
    };
  }

  private static long binary(int opcode, Register dst, Operand src, int offset) {
    return switch (src) {
      case Reg(Register register) ->
          slot(opcode | Opcode.REGISTER, number(dst), number(register), offset, 0);
      case Imm(int value) -> slot(opcode, number(dst), 0, offset, value);
    };
  }

  private static long atomic(
      MemorySize size, Register dst, Register src, short offset, int immediate) {
    int opcode = Opcode.STX | Opcode.ATOMIC | size.code();
    return slot(opcode, number(dst), number(src), offset, immediate);
  }

  private static long call(int kind, int offset, int immediate) {
    return slot(Opcode.JMP64 | Opcode.CALL, 0, kind, offset, immediate);
  }

  private static int swapOpcode(SwapBytes.Order order) {
    return switch (order) {
      case TO_LITTLE -> Opcode.ALU32 | Opcode.SWAP;
      case TO_BIG -> Opcode.ALU32 | Opcode.SWAP | Opcode.REGISTER;
      case SWAP -> Opcode.ALU64 | Opcode.SWAP;
    };
  }

  private static int aluClass(Width width) {
    return width == Width.W64 ? Opcode.ALU64 : Opcode.ALU32;
  }

  private static int jumpClass(Width width) {
    return width == Width.W64 ? Opcode.JMP64 : Opcode.JMP32;
  }

  private static int number(Register register) {
    return register.number();
  }

  private static long slot(int opcode, int dst, int src, int offset, int immediate) {
    return Bytecode.slot(opcode, dst, src, (short) offset, immediate);
  }
}
