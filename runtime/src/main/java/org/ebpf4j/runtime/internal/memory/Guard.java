package org.ebpf4j.runtime.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A thread's hold on what it finds in maps, with some memory of its own to pass keys and values by
/// address. Owned by one thread from [Epochs#guard] to [#close].
public final class Guard extends EpochReader implements AutoCloseable {
  private static final int SMALL = 4096;

  private final int number;
  private MemorySegment scratch = MemorySegment.NULL;
  private long used;

  Guard(Epochs epochs, int number) {
    super(epochs);
    this.number = number;
  }

  /// Makes room for `size` bytes in all, for [#bytes] and [#space] to hand out. Once per use.
  public Guard need(long size) {
    used = 0;
    long rounded = size + 32;
    if (scratch.byteSize() < rounded) {
      // The collector frees what the guard drops: nobody keeps an address of it beyond the guard's
      // use.
      scratch = Arena.ofAuto().allocate(Math.max(rounded, SMALL), 8);
    }
    return this;
  }

  /// A copy of an array, 8-byte aligned, until the guard is closed.
  public long bytes(byte[] array) {
    long address = space(array.length);
    Memory.copy(array, 0, address, array.length);
    return address;
  }

  /// Some bytes, 8-byte aligned, of any content, until the guard is closed.
  public long space(long size) {
    long address = scratch.address() + used;
    used += (size + 7) & ~7L;
    return address;
  }

  /// A number to spread load by, such as over the free lists of CPUs.
  public int spread() {
    return number;
  }

  @Override
  public void close() {
    if (scratch.byteSize() > SMALL * 16) {
      scratch = MemorySegment.NULL;
    }
    exit();
  }
}
