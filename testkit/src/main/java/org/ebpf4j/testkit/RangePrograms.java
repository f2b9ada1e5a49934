package org.ebpf4j.testkit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.Exit;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.MoveSignExtended;
import org.ebpf4j.isa.Instruction.Negate;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.Instruction.SwapBytes;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;

/// Programs of nothing but numbers: chains of comparisons and arithmetic on a few registers, all of
/// whose constants lie close together, so that ranges, bits and halves have much to tell each
/// other. Every one is safe; what is worth comparing is what a verifier knows of the registers on
/// the way.
public final class RangePrograms {
  private static final int REGISTERS = 3;
  private static final int FIRST = 6;
  private static final int RANDOM_NUMBER = 7;
  private static final long LOW = 0xffff_ffffL;

  private final Chance chance;
  private final Code code = new Code();
  private final Code.Label out = new Code.Label();

  /// What this program's constants lie around.
  private final long[] centres;

  private RangePrograms(long seed) {
    chance = new Chance(seed);
    centres =
        new long[] {chance.edge(), chance.edge(), (long) chance.below(64) << chance.below(60)};
  }

  /// The program of a seed. It has no inputs, for it is not to be run.
  public static TestProgram generate(long seed) {
    RangePrograms writer = new RangePrograms(seed);
    writer.write();
    ProgramType type = ProgramType.SOCKET_FILTER;
    CollectionSpec collection =
        CollectionSpec.of(
            List.of(),
            List.of(writer.code.toSpec(TestProgram.NAME, "socket", ProgramKind.of(type))));
    return new TestProgram(seed, collection, Map.of(), List.of(), Set.of());
  }

  private void write() {
    for (int i = 0; i < REGISTERS; i++) {
      code.emit(new CallHelper(RANDOM_NUMBER));
      code.emit(alu(Width.W64, AluOperation.MOV, FIRST + i, new Reg(Register.R0)));
    }
    int statements = chance.between(4, 16);
    for (int i = 0; i < statements; i++) {
      statement();
    }
    code.place(out);
    for (int i = 0; i < REGISTERS; i++) {
      code.emit(alu(Width.W64, AluOperation.XOR, 0, operand(FIRST + i)));
    }
    code.emit(new Exit());
  }

  private void statement() {
    int register = any();
    switch (chance.below(20)) {
      case 0 -> constant(register);
      case 1 ->
          code.emit(alu(chance.pick(Width.values()), AluOperation.MOV, register, operand(any())));
      case 2 -> extend(register);
      case 3 -> unary(register);
      case 4 -> throughStack(register);
      case 5, 6, 7, 8 -> compute(register);
      default -> compare(register);
    }
  }

  private int any() {
    return FIRST + chance.below(REGISTERS);
  }

  private static Reg operand(int register) {
    return new Reg(Register.of(register));
  }

  private long number() {
    return chance.percent(15)
        ? chance.edge()
        : centres[chance.below(centres.length)] + chance.between(-4, 4);
  }

  private void constant(int register) {
    long number = number();
    code.emit(
        new LoadImmediate64(
            Register.of(register),
            LoadImmediate64.Source.VALUE,
            (int) (number & LOW),
            (int) (number >>> Integer.SIZE)));
  }

  private void extend(int register) {
    Width width = chance.pick(Width.values());
    int bits = width == Width.W64 ? chance.pick(8, 16, 32) : chance.pick(8, 16);
    code.emit(new MoveSignExtended(width, Register.of(register), Register.of(any()), bits));
  }

  private void unary(int register) {
    code.emit(
        chance.percent(70)
            ? new Negate(chance.pick(Width.values()), Register.of(register))
            : new SwapBytes(
                chance.pick(SwapBytes.Order.values()),
                Register.of(register),
                chance.pick(16, 32, 64)));
  }

  private void throughStack(int register) {
    MemorySize stored = chance.pick(MemorySize.values());
    MemorySize loaded =
        chance.percent(60)
            ? stored
            : chance.pick(MemorySize.BYTE, MemorySize.HALF, MemorySize.WORD);
    if (loaded.bytes() > stored.bytes()) {
      return;
    }
    boolean signed = loaded != MemorySize.DOUBLE && chance.percent(40);
    code.emit(new Store(stored, Register.R10, (short) -8, operand(register)));
    code.emit(new Load(loaded, signed, Register.of(any()), Register.R10, (short) -8));
  }

  private void compute(int register) {
    Width width = chance.pick(Width.values());
    AluOperation operation = chance.pick(AluOperation.values());
    switch (operation) {
      case LSH, RSH, ARSH ->
          code.emit(alu(width, operation, register, new Imm(chance.below(width.bits()))));
      case DIV, SDIV, MOD, SMOD ->
          code.emit(alu(width, operation, register, new Imm(1 + chance.below(100))));
      default ->
          code.emit(
              chance.percent(40)
                  ? alu(width, operation, register, operand(any()))
                  : alu(width, operation, register, new Imm((int) number())));
    }
  }

  /// A comparison that leaves on one side, or that goes around one statement.
  private void compare(int register) {
    Width width = chance.pick(Width.values());
    JumpCondition condition = chance.pick(JumpCondition.values());
    int other = any();
    Code.Label target = chance.percent(80) ? out : new Code.Label();
    Operand against = chance.percent(60) ? new Imm((int) number()) : operand(other);
    if (against instanceof Reg && chance.percent(50)) {
      constant(other);
    }
    code.emit(new Jump(width, condition, Register.of(register), against, (short) 0), target);
    if (target != out) {
      compute(any());
      code.place(target);
    }
  }

  private static Instruction alu(Width width, AluOperation operation, int dst, Operand src) {
    return new Instruction.Alu(width, operation, Register.of(dst), src);
  }
}
