package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The records of one CPU in a perf event array, for one writer and one reader. Each is as in
/// Linux's perf rings: `u32` type `PERF_RECORD_SAMPLE`, `u16` 0, `u16` size of all, `u32` size of
/// the raw data, raw data, padded to 8 bytes. A record that begins before the end goes on behind
/// it, as in [RingPages].
///
/// Source: Linux 6.18's `include/uapi/linux/perf_event.h` and `kernel/events/core.c`.
final class PerfRing {
  static final int HEADER = 12;

  /// The largest record, header included, in its 16-bit size, and whole words.
  static final int MAX_RECORD = 0xfff8;

  private static final int PERF_RECORD_SAMPLE = 9;

  final Block block;
  private final long size;
  private final long data;
  private volatile long produced;
  private volatile long consumed;
  private volatile long lost;

  PerfRing(Block block, long size) {
    this.block = block;
    this.size = size;
    this.data = block.address();
  }

  /// Memory for a ring of this size.
  static long bytes(long size) {
    return size + MAX_RECORD + 1;
  }

  /// Appends a record made of two pieces; `false`, and counted as lost, when the ring is full.
  /// Called by the CPU's own thread alone.
  @SuppressWarnings("NonAtomicVolatileUpdate") // the CPU is the one writer
  boolean append(long first, long firstSize, long second, long secondSize) {
    long raw = firstSize + secondSize;
    long space = (raw + HEADER + 7) & ~7L;
    long position = produced;
    if (space > size - (position - consumed)) {
      lost = lost + 1;
      return false;
    }
    long record = data + (position & (size - 1));
    Memory.putInt(record, PERF_RECORD_SAMPLE);
    Memory.putInt(record + 4, (int) space << 16);
    // Linux counts the padding into the raw data; readers see it, as zeros.
    Memory.putInt(record + 8, (int) (space - HEADER));
    Memory.copy(first, record + HEADER, firstSize);
    if (secondSize > 0) {
      Memory.copy(second, record + HEADER + firstSize, secondSize);
    }
    for (long i = HEADER + raw; i < space; i++) {
      Memory.putByte(record + i, (byte) 0);
    }
    produced = position + space;
    return true;
  }

  boolean isEmpty() {
    return consumed == produced;
  }

  /// Offset in the block of the oldest record's raw data.
  long oldest() {
    return (consumed & (size - 1)) + HEADER;
  }

  /// Bytes of raw data of the oldest record.
  int oldestSize() {
    return Memory.getInt(data + (consumed & (size - 1)) + 8);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the reader is the one writer
  void dropOldest() {
    consumed = consumed + HEADER + oldestSize();
  }

  long lost() {
    return lost;
  }
}
