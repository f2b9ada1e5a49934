package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.MemorySize;

/// Bytes of the stack that are a local of the method and no memory at all.
///
/// @param local a long for eight bytes, else an int whose low bytes count
public record LocalCell(int local) implements PlainAccesses {

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    if (size == MemorySize.DOUBLE) {
      code.lload(local);
    } else {
      code.iload(local);
    }
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    value.to(code);
    if (size == MemorySize.DOUBLE) {
      code.lstore(local);
    } else {
      code.istore(local);
    }
  }
}
