package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;

/// Memory that is loaded and stored only: what picks it has seen to that.
interface PlainAccesses extends MemoryEmitter {

  @Override
  default void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    throw notPlain();
  }

  @Override
  default void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    throw notPlain();
  }

  @Override
  default void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    throw notPlain();
  }

  private static IllegalStateException notPlain() {
    return new IllegalStateException("only plain accesses go there");
  }
}
