package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.runtime.internal.memory.SharedMemory;

/// Accesses to proven addresses that may or may not be aligned, in memory that may or may not be
/// shared: whole where they are aligned.
final class AnyMemory implements MemoryEmitter {
  private static final ClassDesc SHARED = SharedMemory.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc LOAD = MethodTypeDesc.of(CD_long, CD_long, CD_int);
  private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_void, CD_long, CD_int, CD_long);

  /// For those accesses that are aligned in any case.
  private final MemoryEmitter aligned;

  AnyMemory(MemoryEmitter aligned) {
    this.aligned = aligned;
  }

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    address.to(code);
    code.loadConstant(size.bytes());
    code.invokestatic(SHARED, "load", LOAD);
    if (size != MemorySize.DOUBLE) {
      code.l2i();
    }
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    address.to(code);
    code.loadConstant(size.bytes());
    value.to(code);
    if (size != MemorySize.DOUBLE) {
      code.i2l();
    }
    code.invokestatic(SHARED, "store", STORE);
  }

  @Override
  public void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    aligned.atomic(code, operation, size, address, value, expected);
  }

  @Override
  public void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    aligned.loadAcquire(code, size, address);
  }

  @Override
  public void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    aligned.storeRelease(code, size, address, value);
  }
}
