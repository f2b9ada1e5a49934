package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// The memory of a ring buffer, in Linux's format:
///
///     page 0   header of the map; the map's number at 40
///     page 1   u64 consumer position
///     page 2   u64 producer position
///     page 3…  data
///
///     record   u32 length | bit 31 busy | bit 30 discard
///              u32 page of the header, counted from page 0
///              data, rounded up to 8 bytes
///
/// Positions count bytes and never wrap; the size is a power of two, and a record lies at its
/// position modulo the size. Linux maps the data twice, one after the other, so that a record that
/// crosses the end is whole. Plain Java cannot, and need not: the area is twice as large here, and
/// a record that begins before the end goes on behind it. Readers find it by the same rule.
///
/// Source: Linux 6.18's `kernel/bpf/ringbuf.c` and `include/uapi/linux/bpf.h`.
final class RingPages {
  static final int PAGE = 4096;
  static final int HEADER = 8;
  static final int BUSY = 1 << 31;
  static final int DISCARD = 1 << 30;

  private static final int MAP_ID = 40;
  private static final int DATA = 3 * PAGE;

  final Block block;
  final long base;
  final long data;
  final long size;

  RingPages(MapSpec spec, MapSite site) {
    this.size = Integer.toUnsignedLong(spec.maxEntries());
    this.block = site.allocate(DATA + 2 * size, PAGE);
    this.base = block.address();
    this.data = base + DATA;
    MapHeader.write(base, spec, site.cpus());
    Memory.putInt(base + MAP_ID, site.id());
  }

  /// The number of the ring buffer that a record lies in.
  ///
  /// @param record the record's data, not its header
  static int mapId(long record) {
    long header = record - HEADER;
    long pages = Integer.toUnsignedLong(Memory.getInt(header + 4));
    return Memory.getInt((header & -PAGE) - pages * PAGE + MAP_ID);
  }

  long consumed() {
    return Memory.getLongAcquire(base + PAGE);
  }

  void consumed(long position) {
    Memory.putLongRelease(base + PAGE, position);
  }

  long produced() {
    return Memory.getLongAcquire(base + 2 * PAGE);
  }

  void produced(long position) {
    Memory.putLongRelease(base + 2 * PAGE, position);
  }

  /// Where the record at a position begins, header first.
  long at(long position) {
    return data + (position & (size - 1));
  }

  /// What page 0 counts as the page of this address.
  int page(long address) {
    return (int) ((address - base) / PAGE);
  }

  /// Bytes that a record of this length takes.
  static long space(long length) {
    return (length + HEADER + 7) & ~7L;
  }
}
