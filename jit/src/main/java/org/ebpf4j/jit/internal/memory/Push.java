package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;

/// Code that leaves one value on the operand stack.
@FunctionalInterface
public interface Push {
  void to(CodeBuilder code);
}
