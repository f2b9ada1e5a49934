package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.Origin;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.runtime.internal.engine.Lowering;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.verifier.PointerTarget;
import org.ebpf4j.verifier.RegisterFact;

/// Writes `bpf_loop` over a function that is known as a loop, into which HotSpot draws the
/// function.
final class LoopCalls {
  private static final ClassDesc INTEGER = Integer.class.describeConstable().orElseThrow();
  private static final int LOOP = Helpers.byName("loop").orElseThrow().id();

  private static final long FRAME = 512;

  private final CodeBuilder code;
  private final Registers registers;
  private final ProgramParts program;
  private final CallEmitter calls;
  private final BudgetEmitter budget;
  private final Optional<Origins> origins;

  LoopCalls(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.program = method.program();
    this.calls = new CallEmitter(method);
    this.budget = new BudgetEmitter(method);
    this.origins = method.origins();
  }

  /// Writes a call, if it is one of these.
  ///
  /// @return whether it is
  boolean call(int slot, Instruction.CallHelper call) {
    if (call.helper() != LOOP
        || !(program.program().target(slot) instanceof Lowering.Target.To(Callee callee))) {
      return false;
    }
    Optional<Integer> function =
        origins.isPresent() ? certainFunction(slot, origins.get()) : function(slot);
    if (function.isPresent() && origins.isPresent()) {
      calls.check(slot, callee);
    }
    function.ifPresent(start -> loop(slot, start));
    return function.isPresent();
  }

  /// The function of a call that was not proven: one that expects nothing in registers but its
  /// arguments, of a program that catches nothing.
  private Optional<Integer> certainFunction(int slot, Origins known) {
    if (program.program().throwsExceptions()
        || !(known.before(slot, Register.R2) instanceof Origin.Constant(long handle))) {
      return Optional.empty();
    }
    return program.graph().functions().stream()
        .map(Function::start)
        .filter(start -> Handles.function(start) == handle && !program.graph().isCalled(start))
        .findFirst();
  }

  private Optional<Integer> function(int slot) {
    return program
        .facts()
        .map(facts -> facts.before(slot, Register.R2.number()))
        .filter(RegisterFact.Pointer.class::isInstance)
        .map(fact -> ((RegisterFact.Pointer) fact).target())
        .filter(PointerTarget.OfFunction.class::isInstance)
        .map(target -> ((PointerTarget.OfFunction) target).slot());
  }

  private void loop(int slot, int function) {
    int index = registers.free();
    int count = index + 1;
    Label flags = code.newLabel();
    Label tooMany = code.newLabel();
    Label head = code.newLabel();
    Label ended = code.newLabel();
    Label done = code.newLabel();
    budget.give();
    registers.push(code, slot, Register.R4);
    code.lconst_0().lcmp().ifne(flags);
    registers.pushInt(code, slot, Register.R1);
    code.istore(count).iload(count).loadConstant(Run.MOST_LOOPS);
    code.invokestatic(INTEGER, "compareUnsigned", MethodTypeDesc.of(CD_int, CD_int, CD_int));
    code.ifgt(tooMany).iconst_0().istore(index);
    code.labelBinding(head);
    code.iload(index).iload(count).if_icmpge(ended);
    RunMethods.push(code);
    code.iload(index).i2l();
    registers.push(code, slot, Register.R3);
    code.lconst_0().lconst_0().lconst_0();
    registers.pushFramePointer(code);
    code.loadConstant(FRAME).ladd();
    code.invokestatic(program.type(), ProgramEmitter.name(function), ProgramEmitter.FUNCTION);
    code.iinc(index, 1).lconst_0().lcmp().ifne(ended).goto_(head);
    code.labelBinding(ended);
    if (origins.isPresent()) {
      // The function has taken its instructions off the budget itself.
      RunMethods.at(code, slot, registers::pushFramePointer);
    } else {
      RunMethods.push(code);
      code.loadConstant(slot).iload(index);
      RunMethods.call(code, "charge", MethodTypeDesc.of(CD_void, CD_int, CD_int));
    }
    code.iload(index).i2l().goto_(done);
    code.labelBinding(flags);
    code.loadConstant((long) Errno.EINVAL.negated()).goto_(done);
    code.labelBinding(tooMany);
    code.loadConstant((long) Errno.E2BIG.negated());
    code.labelBinding(done);
    registers.pop(code, slot, Register.R0);
    budget.take();
  }
}
