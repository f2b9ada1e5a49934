package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;

/// A packet in memory, with room to grow at both ends.
///
///      base          meta      data            data + linear    data + length        limit
///       ┌─────────────┬─────────┬────────────────┬────────────────┬───────────────────┐
///       │ headroom    │ meta-   │ bytes that     │ bytes that     │ tailroom          │
///       │             │ data    │ programs see   │ helpers see    │                   │
///       └─────────────┴─────────┴────────────────┴────────────────┴───────────────────┘
///
/// Linux keeps what is not linear in pages of its own. Here all of it lies in one piece, so that making
/// more of it linear moves nothing.
public final class PacketBuffer extends Region {
  private final long base;
  private final long limit;
  private final int headroom;
  private final boolean writable;
  private final MemorySegment memory;
  private long meta;
  private long data;
  private int linear;
  private int length;

  /// @param headroom bytes before a new packet
  /// @param capacity the longest packet
  /// @param tailroom bytes after the longest packet
  /// @param writable whether programs may store to it directly
  PacketBuffer(Arena arena, int headroom, int capacity, int tailroom, boolean writable) {
    this.headroom = headroom;
    this.writable = writable;
    this.memory = arena.allocate((long) headroom + capacity + tailroom, 64);
    this.base = memory.address();
    this.limit = base + memory.byteSize();
    reset(0);
  }

  /// Makes room for a packet without metadata, all of it linear.
  void reset(int newLength) {
    data = base + headroom;
    meta = data;
    length = newLength;
    linear = newLength;
    moved();
  }

  /// To be called when what programs may touch has changed.
  private void moved() {
    setStretch(meta, data + linear, writable);
  }

  /// The first byte of the metadata, which end where the packet begins.
  public long meta() {
    return meta;
  }

  /// The packet's first byte.
  public long data() {
    return data;
  }

  /// Bytes that programs may touch directly, from [#data].
  public int linear() {
    return linear;
  }

  /// Bytes in all.
  public int length() {
    return length;
  }

  /// Whether programs may change it.
  public boolean writable() {
    return writable;
  }

  /// Bytes free before the metadata.
  public int headroom() {
    return (int) (meta - base);
  }

  /// Bytes free after the packet.
  public int tailroom() {
    return (int) (limit - data - length);
  }

  /// Whether the packet can become longer by `count` bytes.
  public boolean hasRoom(int count) {
    return count <= limit - base - headroom - length;
  }

  /// Whether `size` bytes at `offset` lie in the packet.
  public boolean contains(long offset, long size) {
    return offset >= 0 && size >= 0 && offset <= length - size;
  }

  /// Says how much of the packet programs may touch directly.
  public void setLinear(int bytes) {
    linear = bytes;
    moved();
  }

  /// Says where the metadata begin.
  public void setMeta(long address) {
    meta = address;
    moved();
  }

  /// Moves the packet's start by `delta`: back for room at the front, forward to take bytes away.
  /// Metadata are lost.
  public void moveStart(int delta) {
    if (delta < 0 && data + delta < base) {
      shiftUp((int) (base - data) - delta);
    }
    data += delta;
    meta = data;
    length -= delta;
    linear -= delta;
    moved();
  }

  /// Moves the packet's start and the metadata before it. There must be room.
  void moveStartWithMeta(int delta) {
    long newMeta = meta + delta;
    Memory.copy(meta, newMeta, data - meta);
    moveStart(delta);
    setMeta(newMeta);
  }

  /// Moves the packet's end by `delta`; new bytes are zero and as directly visible as the last one
  /// was.
  public void moveEnd(int delta) {
    if (delta > tailroom()) {
      // The packet has crept forward as programs took bytes away in front.
      Memory.copy(data, base + headroom, length);
      data = base + headroom;
      meta = data;
    }
    if (delta > 0) {
      Memory.fill(data + length, delta, (byte) 0);
    }
    if (linear == length) {
      linear += delta;
    }
    length += delta;
    linear = Math.min(linear, length);
    moved();
  }

  /// Opens a gap of zeros at an offset, or closes one: bytes before it move. There must be room.
  public void insert(int offset, int count) {
    moveStart(-count);
    if (count >= 0) {
      Memory.copy(data + count, data, offset);
      Memory.fill(data + offset, count, (byte) 0);
    } else {
      Memory.copy(data + count, data, offset);
    }
  }

  /// The packet as a segment that ends with the buffer.
  MemorySegment segment() {
    return segmentFrom(0);
  }

  /// The packet and the bytes before it, from a negative offset on.
  MemorySegment segmentFrom(int offset) {
    return memory.asSlice(data - base + offset, length - offset);
  }

  private void shiftUp(int distance) {
    Memory.copy(data, data + distance, length);
    data += distance;
  }

  @Override
  public String describe() {
    return linear == length
        ? "packet (%d bytes)".formatted(length)
        : "packet (%d of %d bytes)".formatted(linear, length);
  }

  @Override
  public boolean readable(long address, int size) {
    return address >= meta && address <= data + linear - size;
  }

  @Override
  public boolean writable(long address, int size) {
    return writable && readable(address, size);
  }
}
