package org.ebpf4j.jit.internal.memory;

import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;

/// Accesses to any address, for those that were proven.
abstract class RawMemory implements MemoryEmitter {
  private final boolean shared;

  /// @param shared whether other threads access the memory: then each access is whole and not
  ///   merged with others, and addresses are aligned
  RawMemory(boolean shared) {
    this.shared = shared;
  }

  /// Leaves what the access method is called on, and what its first arguments are besides the
  /// address.
  abstract void begin(CodeBuilder code, Access access, MemorySize size);

  /// Calls the access method; address and values are on the stack.
  abstract void call(CodeBuilder code, Access access, MemorySize size);

  static ClassDesc type(MemorySize size) {
    return switch (size) {
      case BYTE -> CD_byte;
      case HALF -> CD_short;
      case WORD -> CD_int;
      case DOUBLE -> CD_long;
    };
  }

  private void emit(
      CodeBuilder code, Access access, MemorySize size, Push address, Push... values) {
    begin(code, access, size);
    address.to(code);
    for (int i = 0; i < access.operands(); i++) {
      values[i].to(code);
      if (size == MemorySize.BYTE) {
        code.i2b();
      } else if (size == MemorySize.HALF) {
        code.i2s();
      }
    }
    call(code, access, size);
  }

  @Override
  public void load(CodeBuilder code, MemorySize size, Push address) {
    emit(code, shared ? Access.GET_OPAQUE : Access.GET, size, address);
  }

  @Override
  public void store(CodeBuilder code, MemorySize size, Push address, Push value) {
    emit(code, shared ? Access.SET_OPAQUE : Access.SET, size, address, value);
  }

  @Override
  public void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected) {
    if (operation == AtomicOperation.CMPXCHG) {
      emit(code, Access.COMPARE_AND_EXCHANGE, size, address, expected, value);
    } else {
      emit(code, Access.of(operation), size, address, value);
    }
  }

  @Override
  public void loadAcquire(CodeBuilder code, MemorySize size, Push address) {
    emit(code, Access.GET_ACQUIRE, size, address);
  }

  @Override
  public void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value) {
    emit(code, Access.SET_RELEASE, size, address, value);
  }
}
