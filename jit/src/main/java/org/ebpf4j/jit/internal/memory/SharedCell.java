package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;

/// Bytes of the stack that are a local of the method and in memory too, where a call reads them.
/// Nothing but the function's own stores changes them.
///
/// @param memory how they are stored there
public record SharedCell(LocalCell local, MemoryEmitter memory) implements MemoryEmitter {

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    local.load(code, size, address);
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    local.store(code, size, address, value);
    memory.store(code, size, address, to -> local.load(to, size, address));
  }

  @Override
  public void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    local.atomic(code, operation, size, address, value, expected);
  }

  @Override
  public void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    local.loadAcquire(code, size, address);
  }

  @Override
  public void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    local.storeRelease(code, size, address, value);
  }
}
