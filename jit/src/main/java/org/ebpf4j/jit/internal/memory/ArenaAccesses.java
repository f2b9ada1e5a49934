package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.map.ArenaWindow;

/// Accesses to the program's arena, by the methods of its window, which look the page up each time.
/// For atomic operations, which must be aligned, the run must have been told where it is.
public final class ArenaAccesses implements MemoryEmitter {
  private static final ClassDesc ARENA = ArenaMap.class.describeConstable().orElseThrow();
  private static final ClassDesc WINDOW = ArenaWindow.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc LOAD = MethodTypeDesc.of(CD_long, CD_long, CD_int);
  private static final MethodTypeDesc STORE = MethodTypeDesc.of(CD_void, CD_long, CD_int, CD_long);

  private final Constants constants;
  private final ArenaWindow window;
  private final MemoryEmitter checked = CheckedAccesses.faulting();

  public ArenaAccesses(Constants constants, ArenaMap arena) {
    this.constants = constants;
    this.window = arena.window();
  }

  @Override
  public boolean loadsRegisters() {
    return true;
  }

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    load(code, "load", size, address);
  }

  @Override
  public void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    load(code, "loadAcquire", size, address);
  }

  private void load(CodeBuilder code, String method, MemorySize size, Push address) {
    constants.push(code, window, WINDOW);
    address.to(code);
    code.loadConstant(size.bytes());
    code.invokevirtual(WINDOW, method, LOAD);
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    store(code, "store", size, address, value);
  }

  @Override
  public void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    store(code, "storeRelease", size, address, value);
  }

  private void store(CodeBuilder code, String method, MemorySize size, Push address, Push value) {
    constants.push(code, window, WINDOW);
    address.to(code);
    code.loadConstant(size.bytes());
    value.to(code);
    if (size != MemorySize.DOUBLE) {
      code.i2l();
    }
    code.invokevirtual(WINDOW, method, STORE);
  }

  @Override
  public void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    checked.atomic(code, operation, size, address, value, expected);
  }

  /// Leaves the form of an address that users take.
  public static void userAddress(
      CodeBuilder code, Constants constants, ArenaMap arena, Push address) {
    constants.push(code, arena, ARENA);
    address.to(code);
    code.invokevirtual(ARENA, "userAddress", MethodTypeDesc.of(CD_long, CD_long));
  }
}
