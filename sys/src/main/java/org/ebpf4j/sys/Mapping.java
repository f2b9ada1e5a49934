package org.ebpf4j.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Memory mapped from a file. Using [#memory()] after [#close()] throws instead of touching what is
/// there by then.
public final class Mapping implements AutoCloseable {
  /// `PROT_READ`.
  public static final int READ = 1;

  /// `PROT_WRITE`.
  public static final int WRITE = 2;

  /// `EBADF`.
  private static final int CLOSED = 9;

  private static final int SHARED = 1;
  private static final int FIXED_NO_REPLACE = 0x100000;
  private static final int PAGE_BYTES = Math.toIntExact(pageBytes());

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  private Mapping(long address, long length, boolean writable) {
    MemorySegment whole =
        MemorySegment.ofAddress(address)
            .reinterpret(
                length,
                arena,
                segment -> {
                  SystemCall.MUNMAP.call(address, length, 0, 0, 0, 0);
                });
    this.memory = writable ? whole : whole.asReadOnly();
  }

  /// Maps part of a file, shared with all who map it.
  ///
  /// @param offset where in the file, a multiple of the page size
  /// @param protection [#READ], [#WRITE] or both
  /// @throws SystemCallException if mmap(2) fails
  public static Mapping shared(int descriptor, long offset, long length, int protection) {
    return sharedAt(0, descriptor, offset, length, protection);
  }

  /// Maps part of a file at a given address, 0 for any. What is mapped there already stays: then
  /// this fails with `EEXIST`.
  ///
  /// @param offset where in the file, a multiple of the page size
  /// @param protection [#READ], [#WRITE] or both
  /// @throws SystemCallException if mmap(2) fails
  public static Mapping sharedAt(
      long wanted, int descriptor, long offset, long length, int protection) {
    int flags = wanted == 0 ? SHARED : SHARED | FIXED_NO_REPLACE;
    long address = SystemCall.MMAP.require(wanted, length, protection, flags, descriptor, offset);
    return new Mapping(address, length, (protection & WRITE) != 0);
  }

  /// Bytes in a page of this machine.
  public static int pageSize() {
    return PAGE_BYTES;
  }

  /// The whole mapping.
  public MemorySegment memory() {
    return memory;
  }

  /// A copy of a part, where pages may be missing: Linux makes the copy, which does not end the JVM
  /// there, as touching [#memory()] would.
  ///
  /// @throws SystemCallException `EFAULT` if a page is missing; `EBADF` after [#close()]
  public synchronized byte[] read(long offset, int size) {
    return CarefulMemory.read(place(SystemCall.PROCESS_VM_READV, offset, size), size);
  }

  /// Stores bytes, where pages may be missing; see [#read].
  ///
  /// @throws SystemCallException `EFAULT` if a page is missing, or it is read-only; `EBADF` after
  ///   [#close()]
  public synchronized void write(long offset, byte[] bytes) {
    CarefulMemory.write(place(SystemCall.PROCESS_VM_WRITEV, offset, bytes.length), bytes);
  }

  private long place(SystemCall call, long offset, int size) {
    Objects.checkFromIndexSize(offset, size, memory.byteSize());
    if (!arena.scope().isAlive()) {
      throw new SystemCallException(call, CLOSED);
    }
    return memory.address() + offset;
  }

  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /// `AT_PAGESZ` of the vector that Linux hands to each process.
  private static long pageBytes() {
    return AuxiliaryVector.read(AuxiliaryVector.PAGE_SIZE).orElse(4096L);
  }
}
