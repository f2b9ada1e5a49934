package org.ebpf4j.linux.internal.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;
import org.ebpf4j.EventReader.Handler;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.Mapping;

/// Reads a ring buffer, which the kernel maps as three parts:
///
///     ┌───────────────────┬───────────────────┬────────────┬────────────────┐
///     │ consumer position │ producer position │ data       │ data once more │
///     └───────────────────┴───────────────────┴────────────┴────────────────┘
///     one page            one page            size         size
///
/// The data are there twice, so a record that wraps around is in one piece. Positions only grow. A
/// record is 4 bytes of length with two flags, 4 that are the kernel's own, and the bytes, padded to
/// 8. Source: `kernel/bpf/ringbuf.c`.
public final class RingBufferReader implements EventRings {
  static final VarHandle INT = JAVA_INT.varHandle();
  static final VarHandle LONG = JAVA_LONG.varHandle();
  static final int HEADER_BYTES = 8;

  /// The record is being written.
  static final int BUSY = 1 << 31;

  /// The record is to be left out.
  static final int DISCARDED = 1 << 30;

  private final Mapping consumer;
  private final Mapping producer;
  private final Epoll epoll;
  private final long mask;

  /// @param size bytes of the ring, a power of two
  public RingBufferReader(Descriptor map, int size) {
    this.mask = size - 1L;
    RingMemory ring =
        RingMemory.map(map, size, Mapping.READ | Mapping.WRITE, Mapping.READ, Epoll.READABLE);
    this.consumer = ring.consumer();
    this.producer = ring.producer();
    this.epoll = ring.epoll();
  }

  @Override
  public void await(int milliseconds) {
    epoll.await(milliseconds);
  }

  @Override
  public int consume(Handler handler, BooleanSupplier goesOn) {
    MemorySegment positions = consumer.memory();
    MemorySegment ring = producer.memory();
    int page = Mapping.pageSize();
    long position = (long) LONG.getAcquire(positions, 0L);
    int count = 0;
    while (goesOn.getAsBoolean() && position < (long) LONG.getAcquire(ring, 0L)) {
      long at = page + (position & mask);
      int header = (int) INT.getAcquire(ring, at);
      if ((header & BUSY) != 0) {
        break;
      }
      long length = header & ~DISCARDED;
      position += (length + HEADER_BYTES + 7) & ~7L;
      try {
        if ((header & DISCARDED) == 0) {
          count++;
          handler.event(ring.asSlice(at + HEADER_BYTES, length), -1);
        }
      } finally {
        LONG.setRelease(positions, 0L, position);
      }
    }
    return count;
  }

  @Override
  public long lost() {
    return 0;
  }

  @Override
  public void close() {
    epoll.close();
    producer.close();
    consumer.close();
  }
}
