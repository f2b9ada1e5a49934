package org.ebpf4j.linux.internal.event;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.Mapping;

/// Writes a user ring buffer: laid out as [RingBufferReader] says, with the sides changed. Safe for
/// several threads.
public final class UserRing implements AutoCloseable {
  /// Bytes before each record.
  public static final int HEADER_BYTES = RingBufferReader.HEADER_BYTES;

  private final int size;
  private final Mapping consumer;
  private final Mapping producer;
  private final Epoll epoll;

  public UserRing(Descriptor map, int size) {
    this.size = size;
    RingMemory ring =
        RingMemory.map(map, size, Mapping.READ, Mapping.READ | Mapping.WRITE, Epoll.WRITABLE);
    this.consumer = ring.consumer();
    this.producer = ring.producer();
    this.epoll = ring.epoll();
  }

  /// Hands over a record; `false` if there was no room for it in time.
  public synchronized boolean submit(byte[] bytes, Duration timeout) {
    Deadline deadline = Deadline.after(timeout);
    while (!write(bytes)) {
      if (deadline.isOver()) {
        return false;
      }
      epoll.await(deadline.milliseconds());
    }
    return true;
  }

  private boolean write(byte[] bytes) {
    MemorySegment ring = producer.memory();
    long consumed = (long) RingBufferReader.LONG.getAcquire(consumer.memory(), 0L);
    long position = (long) RingBufferReader.LONG.getAcquire(ring, 0L);
    long total = (bytes.length + HEADER_BYTES + 7L) & ~7L;
    if (size - (position - consumed) < total) {
      return false;
    }
    long at = Mapping.pageSize() + (position & (size - 1L));
    MemorySegment.copy(bytes, 0, ring, JAVA_BYTE, at + HEADER_BYTES, bytes.length);
    ring.set(JAVA_INT, at + Integer.BYTES, 0);
    ring.set(JAVA_INT, at, bytes.length);
    RingBufferReader.LONG.setRelease(ring, 0L, position + total);
    return true;
  }

  @Override
  public synchronized void close() {
    epoll.close();
    producer.close();
    consumer.close();
  }
}
