package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.util.Optional;

/// A method being written: what the emitters of instructions share.
///
/// @param code where it is written to
/// @param registers the locals
/// @param program what it is a method of
/// @param result how it ends the function
/// @param frame its stack, if it is proven
/// @param outermost whether it is the program's own function, which nothing calls but the run
record Method(
    CodeBuilder code,
    Registers registers,
    ProgramParts program,
    Result result,
    Optional<StackFrame> frame,
    boolean outermost) {

  /// Clears the frame, where no checked run does.
  void begin() {
    frame.ifPresent(stack -> stack.clear(code, registers, program.memory().plain()));
  }
}
