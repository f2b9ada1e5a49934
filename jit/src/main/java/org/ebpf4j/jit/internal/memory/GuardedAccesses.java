package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.function.Consumer;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;

/// Accesses that are direct where a comparison shows that they may be, and checked by the run
/// elsewhere. HotSpot finds out that mostly the first is so, and leaves the second out of line.
///
/// @param guard the comparison
/// @param direct what it allows
/// @param at tells the run where it is
public record GuardedAccesses(
    Guard guard, MemoryEmitter direct, MemoryEmitter checked, Consumer<CodeBuilder> at)
    implements MemoryEmitter {

  @Override
  public boolean loadsRegisters() {
    return true;
  }

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    either(
        code,
        size,
        address,
        memory -> {
          memory.load(code, size, address);
          widen(code, memory, size);
        });
  }

  @Override
  public void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    either(
        code,
        size,
        address,
        memory -> {
          memory.loadAcquire(code, size, address);
          widen(code, memory, size);
        });
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    either(code, size, address, memory -> memory.store(code, size, address, value));
  }

  @Override
  public void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    either(code, size, address, memory -> memory.storeRelease(code, size, address, value));
  }

  @Override
  public void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    either(
        code,
        size,
        address,
        memory -> memory.atomic(code, operation, size, address, value, expected));
  }

  private void either(
      CodeBuilder code, MemorySize size, Push address, Consumer<MemoryEmitter> access) {
    Label otherwise = code.newLabel();
    Label done = code.newLabel();
    guard.orElse(code, size, address, otherwise);
    access.accept(direct);
    code.goto_(done);
    code.labelBinding(otherwise);
    at.accept(code);
    access.accept(checked);
    code.labelBinding(done);
  }

  /// Makes a whole register of what was loaded.
  private static void widen(CodeBuilder code, MemoryEmitter memory, MemorySize size) {
    if (!memory.loadsRegisters() && size != MemorySize.DOUBLE) {
      code.i2l().loadConstant((1L << (size.bytes() * Byte.SIZE)) - 1).land();
    }
  }
}
