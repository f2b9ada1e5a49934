package org.ebpf4j.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Memory of this process that may not be there. Plain accesses would end the JVM; here Linux makes
/// the copies (process_vm_readv(2), process_vm_writev(2)), and says so where it cannot.
final class CarefulMemory {
  /// `struct iovec`: an address and a length.
  private static final long VECTOR_BYTES = 16;

  /// `EFAULT`.
  private static final int BAD_ADDRESS = 14;

  private CarefulMemory() {}

  /// A copy of what is at an address.
  ///
  /// @throws SystemCallException `EFAULT` if any of it is not there, or may not be read
  static byte[] read(long address, int size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(size);
      transfer(SystemCall.PROCESS_VM_READV, arena, copy, address);
      return copy.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /// Stores bytes at an address.
  ///
  /// @throws SystemCallException `EFAULT` if any of it is not there, or may not be written; what
  ///   lies before that is stored
  static void write(long address, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      transfer(SystemCall.PROCESS_VM_WRITEV, arena, copy, address);
    }
  }

  private static void transfer(SystemCall call, Arena arena, MemorySegment copy, long address) {
    if (copy.byteSize() == 0) {
      return;
    }
    long self = SystemCall.GETPID.require(0, 0, 0, 0, 0, 0);
    MemorySegment here = vector(arena, copy.address(), copy.byteSize());
    MemorySegment there = vector(arena, address, copy.byteSize());
    long done = call.require(self, here.address(), 1, there.address(), 1, 0);
    if (done != copy.byteSize()) {
      throw new SystemCallException(call, BAD_ADDRESS);
    }
  }

  private static MemorySegment vector(Arena arena, long address, long length) {
    MemorySegment vector = arena.allocate(VECTOR_BYTES, Long.BYTES);
    vector.set(ValueLayout.JAVA_LONG, 0, address);
    vector.set(ValueLayout.JAVA_LONG, Long.BYTES, length);
    return vector;
  }
}
