package org.ebpf4j.runtime.internal.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Reads a ring buffer in place. What the handler gets is a view of the ring, for this thread: once
/// the handler returned it shows other records, and once the poll is over it throws.
final class RingBufferReader extends MapEventReader {
  private final RingPages pages;
  private final MemorySegment memory;
  private final ReaderSeat seat;

  RingBufferReader(RingBuffer ring, Waiter waiter, ReaderSeat seat) {
    super(ring, waiter);
    this.pages = ring.pages();
    this.memory = pages.block.segment().asReadOnly();
    this.seat = seat;
  }

  @Override
  boolean ready() {
    return committed(pages.consumed());
  }

  private boolean committed(long position) {
    return position < pages.produced()
        && (Memory.getIntAcquire(pages.at(position)) & RingPages.BUSY) == 0;
  }

  @Override
  int drain(Handler handler) {
    long position = pages.consumed();
    if (!committed(position)) {
      return 0;
    }
    try (Arena lent = Arena.ofConfined()) {
      return drain(handler, position, memory.reinterpret(lent, null));
    }
  }

  private int drain(Handler handler, long first, MemorySegment view) {
    int count = 0;
    long position = first;
    while (open() && committed(position)) {
      long header = pages.at(position);
      int word = Memory.getIntAcquire(header);
      int length = word & ~RingPages.DISCARD;
      position += RingPages.space(length);
      try {
        if ((word & RingPages.DISCARD) == 0) {
          count++;
          handler.event(view.asSlice(header + RingPages.HEADER - pages.base, length), -1);
        }
      } finally {
        pages.consumed(position);
      }
    }
    return count;
  }

  @Override
  public long lost() {
    return 0;
  }

  @Override
  void leave() {
    seat.leave();
  }
}
