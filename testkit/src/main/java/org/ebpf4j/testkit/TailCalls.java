package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.Exit;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Code.Step;

/// Generated programs that end with tail calls: to one another and to themselves, by the result
/// that they have come to, from their own function or from one that they call.
public final class TailCalls {
  /// The array that all of them use.
  public static final MapSpec PROGRAMS = MapSpec.of("programs", MapType.PROG_ARRAY, 4, 4, 3);

  private static final int TAIL_CALL = 12;

  // Below what generated programs use of their stack.
  private static final short CONTEXT = -504;
  private static final short RESULT = -496;

  private final Chance chance;

  private TailCalls(long seed) {
    this.chance = new Chance(seed);
  }

  /// A generated program with tail calls where its own function ends.
  public static TestProgram generate(long seed, Settings settings) {
    TestProgram plain = ProgramGenerator.generate(seed, settings);
    return plain
        .with(
            new TailCalls(seed)
                .into(Code.of(plain.program()))
                .toSpec(TestProgram.NAME, plain.program().section(), plain.program().kind()))
        .withMap(PROGRAMS);
  }

  private Code into(Code plain) {
    Code code = plain;
    Label function = new Label();
    boolean called = false;
    for (int i = code.endOfFirstFunction() - 1; i >= 0; i--) {
      if (code.steps().get(i).instruction() instanceof Exit && chance.percent(80)) {
        boolean inFunction = chance.percent(40);
        called |= inFunction;
        code = code.with(i, inFunction ? callFunction(function) : tailCall());
      }
    }
    code = code.with(0, List.of(step(store(CONTEXT, Register.R1))));
    if (called) {
      code.beginFunction(function, "tail", 0, false);
      for (Step step : function()) {
        code.add(step);
      }
    }
    return code;
  }

  private static Step step(Instruction instruction) {
    return new Step(instruction, null, null);
  }

  private static Store store(short offset, Register register) {
    return new Store(MemorySize.DOUBLE, Register.R10, offset, new Reg(register));
  }

  private static Load load(Register register, short offset) {
    return new Load(MemorySize.DOUBLE, false, register, Register.R10, offset);
  }

  private static Step alu(AluOperation operation, Register register, Operand by) {
    return step(new Alu(Width.W64, operation, register, by));
  }

  /// `R1` gets the context and `R3` an index that is good three times in four, unless it is a
  /// constant.
  private List<Step> arguments() {
    List<Step> steps = new ArrayList<>();
    steps.add(step(store(RESULT, Register.R0)));
    if (chance.percent(60)) {
      steps.add(alu(AluOperation.MOV, Register.R3, new Reg(Register.R0)));
      steps.add(alu(AluOperation.AND, Register.R3, new Imm(3)));
    } else {
      steps.add(alu(AluOperation.MOV, Register.R3, new Imm(chance.below(4))));
    }
    steps.add(step(load(Register.R1, CONTEXT)));
    return steps;
  }

  private static List<Step> call() {
    return List.of(
        new Step(
            new LoadImmediate64(Register.R2, LoadImmediate64.Source.MAP_FD, 0, 0),
            null,
            new Reference.MapHandle(0, PROGRAMS.name())),
        step(new CallHelper(TAIL_CALL)));
  }

  private List<Step> tailCall() {
    List<Step> steps = arguments();
    steps.addAll(call());
    steps.add(step(load(Register.R0, RESULT)));
    return steps;
  }

  private List<Step> callFunction(Label function) {
    List<Step> steps = arguments();
    steps.add(alu(AluOperation.MOV, Register.R2, new Reg(Register.R3)));
    steps.add(new Step(new CallLocal(0), function, null));
    steps.add(step(load(Register.R1, RESULT)));
    steps.add(alu(AluOperation.XOR, Register.R0, new Reg(Register.R1)));
    return steps;
  }

  /// `tail(context, index)`: what the other program gives, or 1.
  private static List<Step> function() {
    List<Step> steps = new ArrayList<>();
    steps.add(alu(AluOperation.MOV, Register.R3, new Reg(Register.R2)));
    steps.addAll(call());
    steps.add(alu(AluOperation.MOV, Register.R0, new Imm(1)));
    steps.add(step(new Exit()));
    return steps;
  }
}
