package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.RegisterTypes;

/// Writes a function as one method.
final class FunctionEmitter {
  /// How often the loops of one call that `may_goto` closes go round: `BPF_MAX_LOOPS` in Linux
  /// 6.18's `include/linux/bpf.h`.
  static final int ROUNDS = 8 << 20;

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
    Method method = new Method(code, registers, program, Result.RETURNED);
    registers.begin(code, function.start());
    code.loadConstant(ROUNDS).istore(registers.rounds());
    if (program.checked()) {
      new CallEmitter(method).enterFunction(function.start());
    }
    new Body(method, function.blocks()).emit();
  }
}
