package org.ebpf4j.net.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;

/// A window of fixed size that moves along a stream of bytes.
///
/// Nothing is allocated after construction, whatever lengths the stream claims: a caller asks for
/// at most [#MAX_WINDOW] bytes at once and skips the rest. The memory is given back by closing, not
/// by the garbage collector, which would not know how much waits for it.
final class CaptureInput implements AutoCloseable {
  /// The most that [#has(int)] can be asked for. Twice as much is buffered, so that a packet at the
  /// end of the buffer is moved to its front once in a while only.
  static final int MAX_WINDOW = CaptureReader.MAX_PACKET + 64;

  private final String name;
  private final ReadableByteChannel channel;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(2 * MAX_WINDOW);
  private final ByteBuffer buffer = memory.asByteBuffer();

  private int position;
  private int limit;

  /// Offset in the stream of the buffer's first byte.
  private long base;

  private long packets;

  CaptureInput(String name, ReadableByteChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  /// Numbers are read in the other byte order from now on; at first they are big-endian.
  void swapOrder() {
    buffer.order(
        buffer.order() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  MemorySegment memory() {
    return memory;
  }

  /// Offset in the stream of the next byte.
  long offset() {
    return base + position;
  }

  /// Index in [#memory()] of the byte that stands `ahead` bytes from here.
  int index(int ahead) {
    return position + ahead;
  }

  long packets() {
    return packets;
  }

  void countPacket() {
    packets++;
  }

  /// Whether `count` bytes are to be had from here on; buffers them.
  boolean has(int count) {
    return limit - position >= count || fill(count);
  }

  /// Whether the stream has come to its end.
  boolean atEnd() {
    return !has(1);
  }

  int peekInt(int ahead) {
    return buffer.getInt(position + ahead);
  }

  int peekUnsignedShort(int ahead) {
    return Short.toUnsignedInt(buffer.getShort(position + ahead));
  }

  long peekLong(int ahead) {
    return buffer.getLong(position + ahead);
  }

  byte peekByte(int ahead) {
    return buffer.get(position + ahead);
  }

  /// Moves over bytes that [#has(int)] has shown to be there.
  void advance(int count) {
    position += count;
  }

  /// Moves over any number of bytes, buffered or not. Returns whether they were all there.
  boolean skip(long count) {
    long left = count;
    while (left > limit - position) {
      left -= limit - position;
      position = limit;
      if (!fill(1)) {
        return false;
      }
    }
    position += (int) left;
    return true;
  }

  /// An error about the record that begins at `offset`.
  CaptureException damaged(long offset, String problem) {
    return new CaptureException(name, offset, packets, problem);
  }

  private boolean fill(int count) {
    buffer.limit(limit).position(position);
    buffer.compact();
    base += position;
    limit -= position;
    position = 0;
    while (limit < count) {
      try {
        if (channel.read(buffer) < 0) {
          return false;
        }
      } catch (IOException e) {
        throw new CaptureException(
            name, base + limit, packets, "cannot be read: " + e.getMessage(), e);
      }
      limit = buffer.position();
    }
    return true;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    try {
      channel.close();
    } catch (IOException e) {
      throw new CaptureException(name, -1, packets, "cannot be closed: " + e.getMessage(), e);
    }
  }
}
