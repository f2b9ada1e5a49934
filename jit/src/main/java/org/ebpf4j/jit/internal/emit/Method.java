package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.Optional;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.Origins;

/// A method being written: what the emitters of instructions share.
///
/// @param code where it is written to
/// @param registers the locals
/// @param program what it is a method of
/// @param result how it ends the function
/// @param frame its stack, if it is proven
/// @param origins where registers come from, if it is not
/// @param function the function that it is, or is a part of
/// @param start where it can begin anew, if it is all of the program's own function
record Method(
    CodeBuilder code,
    Registers registers,
    ProgramParts program,
    Result result,
    Optional<StackFrame> frame,
    Optional<Origins> origins,
    Function function,
    Optional<Label> start) {

  /// Whether it is the program's own function, which nothing calls but the run.
  boolean outermost() {
    return program.isOutermost(function);
  }

  /// Clears the frame, where no checked run does.
  void begin() {
    frame.ifPresent(stack -> stack.clear(code, registers, program.memory().plain()));
  }
}
