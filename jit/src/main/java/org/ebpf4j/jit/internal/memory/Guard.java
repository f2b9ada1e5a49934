package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import org.ebpf4j.isa.MemorySize;

/// Writes the comparison that shows that an access lies where it was guessed to lie.
public interface Guard {
  /// Jumps to a label unless the access is good.
  void orElse(CodeBuilder code, MemorySize size, Push address, Label otherwise);
}
