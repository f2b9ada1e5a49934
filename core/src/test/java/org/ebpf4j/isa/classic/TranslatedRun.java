package org.ebpf4j.isa.classic;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.ebpf4j.isa.Arithmetic;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.ProgramStructure;
import org.ebpf4j.isa.Register;

/// Just enough of eBPF to run what classic programs translate to: the context at one address, the
/// stack at another, and registers that calls and packet loads spoil.
final class TranslatedRun {
  private static final long CONTEXT = 0x10000;
  private static final long STACK_TOP = 0x20000;
  private static final long SPOILT = 0xdead_beef_dead_beefL;

  private final long[] registers = new long[11];
  private final ByteBuffer stack = ByteBuffer.allocate(512).order(ByteOrder.nativeOrder());
  private final ByteBuffer context;
  private final byte[] packet;

  private TranslatedRun(ByteBuffer context, byte[] packet) {
    this.context = context;
    this.packet = packet;
  }

  static long run(Bytecode code, ByteBuffer context, byte[] packet) {
    return new TranslatedRun(context, packet).run(ProgramStructure.check(code));
  }

  private long run(ProgramStructure program) {
    Arrays.fill(registers, SPOILT);
    set(Register.R1, CONTEXT);
    set(Register.R10, STACK_TOP);
    for (int slot = 0; ; slot++) {
      switch (program.instruction(slot)) {
        case Instruction.Alu i ->
            set(
                i.dst(),
                Arithmetic.compute(i.width(), i.operation(), get(i.dst()), value(i.src())));
        case Instruction.Negate i -> set(i.dst(), Arithmetic.negate(i.width(), get(i.dst())));
        case Instruction.SwapBytes i ->
            set(i.dst(), Arithmetic.swapBytes(i.order(), i.bits(), get(i.dst())));
        case Instruction.Load i -> {
          long address = get(i.src()) + i.offset();
          ByteBuffer memory = address < STACK_TOP - 512 ? context : stack;
          long base = memory == context ? CONTEXT : STACK_TOP - 512;
          set(i.dst(), memory.getInt((int) (address - base)) & 0xffffffffL);
        }
        case Instruction.Store i ->
            stack.putInt((int) (get(i.dst()) + i.offset() - STACK_TOP + 512), (int) value(i.src()));
        case Instruction.LoadPacket i -> {
          int at = (int) (i.offset() + value(i.index()));
          int size = i.size().bytes();
          if (at < 0 || at + (long) size > packet.length) {
            return 0;
          }
          ByteBuffer bytes = ByteBuffer.wrap(packet);
          long loaded =
              size == 4
                  ? bytes.getInt(at) & 0xffffffffL
                  : size == 2 ? bytes.getShort(at) & 0xffff : bytes.get(at) & 0xff;
          spoil();
          set(Register.R0, loaded);
        }
        case Instruction.CallHelper i -> {
          spoil();
          set(Register.R0, 1000 + i.helper());
        }
        case Instruction.Jump i -> {
          if (Arithmetic.holds(i.width(), i.condition(), get(i.dst()), value(i.src()))) {
            slot += i.offset();
          }
        }
        case Instruction.Goto i -> slot += i.offset();
        case Instruction.Exit _ -> {
          return get(Register.R0);
        }
        case Instruction other -> throw new AssertionError("unexpected " + other);
      }
    }
  }

  private void spoil() {
    for (int i = 1; i <= 5; i++) {
      registers[i] = SPOILT;
    }
  }

  private long value(Operand operand) {
    return switch (operand) {
      case Operand.Reg(Register register) -> get(register);
      case Operand.Imm(int value) -> value;
    };
  }

  private long get(Register register) {
    return registers[register.number()];
  }

  private void set(Register register, long value) {
    registers[register.number()] = value;
  }
}
