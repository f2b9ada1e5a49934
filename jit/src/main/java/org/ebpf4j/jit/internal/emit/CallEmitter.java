package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.engine.Lowering;
import org.ebpf4j.runtime.internal.helper.HelperBody;
import org.ebpf4j.runtime.internal.map.ProgramArray;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Writes calls of all kinds.
final class CallEmitter {
  private static final ClassDesc BODY = HelperBody.class.describeConstable().orElseThrow();
  private static final ClassDesc CALLEE = Callee.class.describeConstable().orElseThrow();
  private static final ClassDesc ARRAY = ProgramArray.class.describeConstable().orElseThrow();
  private static final ClassDesc COMPILED = CompiledProgram.class.describeConstable().orElseThrow();
  private static final ClassDesc FAULT = Fault.class.describeConstable().orElseThrow();

  private static final MethodTypeDesc CALL_BODY =
      MethodTypeDesc.of(
          CD_long,
          Run.class.describeConstable().orElseThrow(),
          CD_long,
          CD_long,
          CD_long,
          CD_long,
          CD_long);
  private static final MethodTypeDesc CHECK =
      MethodTypeDesc.of(CD_void, CALLEE, CD_long, CD_long, CD_long, CD_long, CD_long);
  private static final MethodTypeDesc TAIL_CALL =
      MethodTypeDesc.of(CD_boolean, CD_long, CD_long, CD_long, CD_long, CD_int);
  private static final MethodTypeDesc TAIL_CALL_OF_ARRAY =
      MethodTypeDesc.of(CD_boolean, ARRAY, CD_long);
  private static final MethodTypeDesc NEXT = MethodTypeDesc.of(COMPILED, ARRAY, CD_long);
  private static final MethodTypeDesc ENTER_NEXT = MethodTypeDesc.of(CD_long, CD_int, CD_long);
  private static final MethodTypeDesc LOAD_PACKET = MethodTypeDesc.of(CD_long, CD_int, CD_int);

  /// Bytes of a frame.
  private static final long FRAME = 512;

  /// With more bytes to clear, all are cleared by the run.
  private static final int MOST_CLEARED = 128;

  private final CodeBuilder code;
  private final Registers registers;
  private final ProgramParts program;
  private final PassedRegisters passed;
  private final BudgetEmitter budget;
  private final Result result;
  private final boolean outermost;
  private final Optional<Label> start;

  /// Whether other functions of the program call this one.
  private final boolean called;

  /// A local for what a call gives.
  private final int given;

  CallEmitter(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.program = method.program();
    this.passed = new PassedRegisters(method);
    this.budget = new BudgetEmitter(method);
    this.result = method.result();
    this.outermost = method.outermost();
    this.start = method.start();
    this.called = method.program().graph().isCalled(method.function().start());
    this.given = method.registers().free();
  }

  /// A call of a helper or kernel function.
  void external(int slot) {
    switch (program.program().target(slot)) {
      case Lowering.Target.To(Callee callee) -> external(slot, callee);
      case Lowering.Target.Trap _ -> trap(slot);
    }
  }

  private void external(int slot, Callee callee) {
    if (program.checksArguments(slot) && !callee.takesAnything()) {
      check(slot, callee);
    } else {
      at(slot);
    }
    // The body may call the program back.
    budget.give();
    program.constants().push(code, callee.body(), BODY);
    RunMethods.push(code);
    arguments(slot, callee.registers());
    code.invokeinterface(BODY, "call", CALL_BODY);
    registers.pop(code, slot, Register.R0);
    budget.take();
  }

  /// Has the arguments of a call checked.
  void check(int slot, Callee callee) {
    at(slot);
    RunMethods.push(code);
    program.constants().push(code, callee, CALLEE);
    arguments(slot, callee.arguments().length);
    RunMethods.call(code, "check", CHECK);
  }

  private void arguments(int slot, int count) {
    for (int register = 1; register <= 5; register++) {
      if (register <= count) {
        registers.push(code, slot, Register.of(register));
      } else {
        code.lconst_0();
      }
    }
  }

  /// A call of a function of the program, in a frame above this one.
  void local(int slot, int target) {
    if (program.checked()) {
      passed.give(slot);
    }
    budget.give();
    RunMethods.push(code);
    arguments(slot, 5);
    registers.pushFramePointer(code);
    code.loadConstant(FRAME).ladd();
    code.invokestatic(program.type(), ProgramEmitter.name(target), ProgramEmitter.FUNCTION);
    registers.pop(code, slot, Register.R0);
    budget.take();
    if (program.checked()) {
      passed.takeBack(slot);
      at(slot);
    }
  }

  /// A tail call: the other program's result is this function's.
  void tail(int slot) {
    Optional<ProgramArray> array =
        program
            .map(slot, Register.R2)
            .filter(ProgramArray.class::isInstance)
            .map(ProgramArray.class::cast);
    if (outermost && array.isPresent()) {
      beginNext(slot, array.get());
    } else {
      goOnInNext(slot, array);
    }
  }

  /// Begins the other program where this one stands, in the same frame. The call is this place's
  /// own, so that HotSpot sees where it leads and draws it in; Java's stack grows by at most
  /// `MAX_TAIL_CALL_CNT` calls.
  private void beginNext(int slot, ProgramArray array) {
    Label begin = code.newLabel();
    Label next = code.newLabel();
    RunMethods.push(code);
    program.constants().push(code, array, ARRAY);
    registers.push(code, slot, Register.R3);
    RunMethods.call(code, "next", NEXT);
    code.dup().ifnonnull(begin);
    code.pop().goto_(next);
    code.labelBinding(begin);
    start.ifPresent(own -> beginAnew(slot, own));
    RunMethods.push(code);
    registers.push(code, slot, Register.R1);
    code.lconst_0();
    registers.pushFramePointer(code);
    code.invokevirtual(COMPILED, "begin", ProgramEmitter.BEGIN);
    result.give(code);
    code.labelBinding(next);
  }

  /// If the code to begin, which stays on the stack, is that of this very class, goes back to where
  /// its own function began.
  private void beginAnew(int slot, Label own) {
    Label other = code.newLabel();
    code.dup().instanceOf(program.type()).ifeq(other).pop();
    registers.push(code, slot, Register.R1);
    registers.popContext(code);
    code.goto_(own);
    code.labelBinding(other);
  }

  /// The program's own function returns, and the run goes on with the other program; a subprogram
  /// has the run do so before it returns.
  private void goOnInNext(int slot, Optional<ProgramArray> array) {
    Label next = code.newLabel();
    budget.give();
    RunMethods.push(code);
    if (array.isPresent()) {
      program.constants().push(code, array.get(), ARRAY);
      registers.push(code, slot, Register.R3);
      RunMethods.call(code, "tailCall", TAIL_CALL_OF_ARRAY);
    } else {
      registers.push(code, slot, Register.R2);
      registers.push(code, slot, Register.R3);
      registers.push(code, slot, Register.R1);
      registers.pushFramePointer(code);
      code.loadConstant(slot);
      RunMethods.call(code, "tailCall", TAIL_CALL);
    }
    code.ifeq(next);
    if (outermost) {
      code.lconst_0();
    } else {
      RunMethods.push(code);
      code.loadConstant(slot);
      registers.pushFramePointer(code);
      RunMethods.call(code, "enterNext", ENTER_NEXT);
    }
    result.give(code);
    code.labelBinding(next);
  }

  /// `LD_ABS` and `LD_IND`: a miss ends the function with 0.
  void loadPacket(int slot, Instruction.LoadPacket load) {
    Label found = code.newLabel();
    RunMethods.push(code);
    code.loadConstant(load.offset());
    if (load.index() instanceof Operand.Reg) {
      registers.pushInt(code, slot, load.index());
      code.iadd();
    }
    code.loadConstant(load.size().bytes());
    RunMethods.call(code, "loadPacket", LOAD_PACKET);
    code.lstore(given);
    code.lload(given).lconst_0().lcmp().ifge(found);
    leave(slot);
    code.lconst_0();
    result.give(code);
    code.labelBinding(found);
    code.lload(given);
    registers.pop(code, slot, Register.R0);
  }

  /// An instruction that cannot run.
  void trap(int slot) {
    at(slot);
    RunMethods.push(code);
    code.loadConstant(program.program().trap(slot));
    RunMethods.call(code, "trap", MethodTypeDesc.of(FAULT, CD_int));
    code.athrow();
  }

  /// The end of a function.
  void exit(int slot) {
    leave(slot);
    registers.push(code, slot, Register.R0);
    result.give(code);
  }

  /// What a function that was not proven tells its caller and the run before it returns.
  private void leave(int slot) {
    if (program.checked()) {
      if (called) {
        passed.giveBack(slot);
      }
      budget.give();
      RunMethods.push(code);
      code.loadConstant(slot);
      if (outermost) {
        RunMethods.call(code, "leaveProgram", MethodTypeDesc.of(CD_void, CD_int));
      } else {
        registers.pushFramePointer(code);
        RunMethods.call(code, "leaveFunction", MethodTypeDesc.of(CD_void, CD_int, CD_long));
      }
    }
  }

  /// The beginning of a function that was not proven.
  ///
  /// @param reach how far down it reaches into its frame
  void enterFunction(int slot, int reach) {
    if (called) {
      passed.take(slot);
    }
    int cleared = reach > MOST_CLEARED ? (int) FRAME : reach;
    RunMethods.push(code);
    if (outermost) {
      registers.pushFramePointer(code);
      code.loadConstant(cleared);
      RunMethods.call(code, "enterProgram", MethodTypeDesc.of(CD_void, CD_long, CD_int));
    } else {
      code.loadConstant(slot);
      registers.pushFramePointer(code);
      code.loadConstant(cleared);
      RunMethods.call(code, "enterFunction", MethodTypeDesc.of(CD_void, CD_int, CD_long, CD_int));
    }
    if (cleared > 0 && cleared < FRAME) {
      program
          .memory()
          .plain()
          .clear(
              code,
              to -> {
                registers.pushFramePointer(to);
                to.loadConstant((long) -cleared).ladd();
              },
              cleared);
    }
  }

  private void at(int slot) {
    RunMethods.at(code, slot, registers::pushFramePointer);
  }
}
