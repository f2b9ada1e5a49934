package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;

/// How a method ends its function.
interface Result {

  /// The method is all of the function: it returns what is on the stack.
  Result RETURNED = CodeBuilder::lreturn;

  /// Pops the function's result and leaves the method.
  void give(CodeBuilder code);
}
