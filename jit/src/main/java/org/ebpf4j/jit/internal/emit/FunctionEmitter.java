package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.Optional;
import org.ebpf4j.jit.internal.flow.FrameReach;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.flow.RegisterTypes;
import org.ebpf4j.runtime.internal.engine.FramedRun;
import org.ebpf4j.runtime.internal.run.Run;

/// Writes a function as one method.
final class FunctionEmitter {
  private final ProgramParts program;
  private final Function function;
  private final RegisterTypes types;

  FunctionEmitter(ProgramParts program, Function function, RegisterTypes types) {
    this.program = program;
    this.function = function;
    this.types = types;
  }

  /// Writes the method; called anew when the first try used short jumps that were too short.
  void emit(CodeBuilder code) {
    Registers registers = new Registers(types, false);
    Optional<StackFrame> frame =
        program
            .facts()
            .map(facts ->
                StackFrame.of(
                    FrameUse.of(
                        function,
                        program.graph(),
                        facts,
                        (slot, call) -> MapCalls.key(program, slot, call)),
                    registers.free() + 2));
    Optional<Origins> origins = program.origins(function);
    Optional<Label> start =
        program.isOutermost(function) ? Optional.of(code.newBoundLabel()) : Optional.empty();
    Method method =
        new Method(code, registers, program, Result.RETURNED, frame, origins, function, start);
    registers.begin(code, function.start());
    int reach = origins.map(known -> FrameReach.of(function, program.graph(), known)).orElse(0);
    if (method.outermost() && program.plain()) {
      // Where a frame is gone through by an index, HotSpot's loops get slower by it.
      boolean small = frame.map(StackFrame::isSmall).orElse(reach < FramedRun.STACK_BYTES);
      registers.bound(code, program.memory().plain(), small);
    }
    method.begin();
    code.loadConstant(Run.MOST_LOOPS).istore(registers.rounds());
    if (origins.isPresent()) {
      new CallEmitter(method).enterFunction(function.start(), reach);
    }
    new BudgetEmitter(method).take();
    new Body(method, function.blocks()).emit();
  }
}
