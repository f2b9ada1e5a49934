package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;

/// Accesses held against the regions that the run may touch, by the interpreter's own methods. The
/// run must have been told where it is.
public final class CheckedAccesses implements MemoryEmitter {
  private static final MethodTypeDesc LOAD = MethodTypeDesc.of(CD_long, CD_long, CD_int);
  private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_void, CD_long, CD_int, CD_long);
  private static final MethodTypeDesc ATOMIC =
      MethodTypeDesc.of(CD_long, CD_int, CD_long, CD_int, CD_long, CD_long);

  private final String load;

  private CheckedAccesses(String load) {
    this.load = load;
  }

  /// Accesses outside are faults.
  public static MemoryEmitter faulting() {
    return new CheckedAccesses("load");
  }

  /// Loads from outside give 0.
  public static MemoryEmitter loadingZero() {
    return new CheckedAccesses("loadOrZero");
  }

  @Override
  public boolean loadsRegisters() {
    return true;
  }

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    load(code, load, size, address);
  }

  @Override
  public void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    load(code, "loadAcquire", size, address);
  }

  private static void load(CodeBuilder code, String method, MemorySize size, Push address) {
    RunMethods.push(code);
    address.to(code);
    code.loadConstant(size.bytes());
    RunMethods.call(code, method, LOAD);
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    store(code, "store", size, address, value);
  }

  @Override
  public void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    store(code, "storeRelease", size, address, value);
  }

  private static void store(
      CodeBuilder code, String method, MemorySize size, Push address, Push value) {
    RunMethods.push(code);
    address.to(code);
    code.loadConstant(size.bytes());
    widen(code, size, value);
    RunMethods.call(code, method, STORE);
  }

  @Override
  public void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    RunMethods.push(code);
    code.loadConstant(operation.immediate());
    address.to(code);
    code.loadConstant(size.bytes());
    widen(code, size, value);
    if (operation == AtomicOperation.CMPXCHG) {
      widen(code, size, expected);
    } else {
      code.lconst_0();
    }
    RunMethods.call(code, "atomic", ATOMIC);
    if (size != MemorySize.DOUBLE) {
      code.l2i();
    }
  }

  private static void widen(CodeBuilder code, MemorySize size, Push value) {
    value.to(code);
    if (size != MemorySize.DOUBLE) {
      code.i2l();
    }
  }
}
