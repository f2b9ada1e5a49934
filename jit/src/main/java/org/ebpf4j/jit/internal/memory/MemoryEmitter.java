package org.ebpf4j.jit.internal.memory;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.MemorySize;

/// Writes accesses to memory. Values of up to four bytes are ints on the operand stack, of which
/// the low bytes count; values of eight bytes are longs. Addresses are longs.
public interface MemoryEmitter {

  /// Whether loads leave whole registers, zero-extended: longs of any size. Only such a load can
  /// give the 64-bit address that a 32-bit field of a context stands for.
  default boolean loadsRegisters() {
    return false;
  }

  /// Leaves the long that is on the operand stack, which is an address of something, so that it can
  /// be seen to be none of those that no memory has. Accesses near it then need no comparison.
  default void bound(CodeBuilder code) {
    // Nothing compares it.
  }

  /// Leaves what is in memory.
  void load(CodeBuilder code, MemorySize size, Push address);

  /// Stores a value.
  void store(CodeBuilder code, MemorySize size, Push address, Push value);

  /// Stores zeros.
  ///
  /// @param bytes how many, a multiple of 8
  default void clear(CodeBuilder code, Push address, int bytes) {
    for (int at = 0; at < bytes; at += Long.BYTES) {
      long offset = at;
      store(
          code,
          MemorySize.DOUBLE,
          to -> {
            address.to(to);
            to.loadConstant(offset).ladd();
          },
          CodeBuilder::lconst_0);
    }
  }

  /// Does an atomic operation on four or eight bytes and leaves what was there before.
  ///
  /// @param expected for a compare-and-exchange; else not used
  void atomic(
      CodeBuilder code,
      AtomicOperation operation,
      MemorySize size,
      Push address,
      Push value,
      Push expected);

  /// A load that no later access is seen before.
  void loadAcquire(CodeBuilder code, MemorySize size, Push address);

  /// A store that no earlier access is seen after.
  void storeRelease(CodeBuilder code, MemorySize size, Push address, Push value);
}
