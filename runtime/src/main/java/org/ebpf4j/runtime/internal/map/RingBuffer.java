package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.EventReader;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinLocks;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_RINGBUF`: records from all CPUs in the order of their reservation, for one reader.
///
/// Source: Linux 6.18's `kernel/bpf/ringbuf.c`.
public final class RingBuffer extends RuntimeMap implements EventSource {
  /// `BPF_RB_NO_WAKEUP`.
  public static final long NO_WAKEUP = 1;

  /// `BPF_RB_FORCE_WAKEUP`.
  public static final long FORCE_WAKEUP = 2;

  /// The longest record (`RINGBUF_MAX_RECORD_SZ`).
  private static final long MAX_RECORD = 0xffff_ffffL / 4;

  private final RingPages pages;
  private final SpinLocks lock = new SpinLocks(1);
  private final Waiter reader = new Waiter();
  private final ReaderSeat seat = new ReaderSeat(this);

  /// The oldest record that may not be committed yet. Under the lock.
  private long pending;

  RingBuffer(MapSpec spec, MapSite site) {
    super(spec, site);
    this.pages = new RingPages(spec, site);
  }

  /// The number of the ring buffer that a reserved record belongs to, for helpers that get the
  /// record alone.
  ///
  /// @param record an address that [#reserve] gave
  public static int idOf(long record) {
    return RingPages.mapId(record);
  }

  /// The length of a reserved record.
  public static int length(long record) {
    return Memory.getInt(record - RingPages.HEADER) & ~(RingPages.BUSY | RingPages.DISCARD);
  }

  /// Room for a record, to be given to [#commit] once it is written; 0 if there is none.
  public long reserve(long length) {
    if (Long.compareUnsigned(length, MAX_RECORD) > 0) {
      return 0;
    }
    long space = RingPages.space(length);
    if (space > pages.size) {
      return 0;
    }
    lock.lock(0);
    try {
      long produced = pages.produced();
      long next = produced + space;
      passCommitted(produced);
      if (next - pages.consumed() > pages.size - 1 || next - pending > pages.size - 1) {
        return 0;
      }
      long header = pages.at(produced);
      Memory.putInt(header + 4, pages.page(header));
      Memory.putIntOpaque(header, (int) length | RingPages.BUSY);
      pages.produced(next);
      return header + RingPages.HEADER;
    } finally {
      lock.unlock(0);
    }
  }

  private void passCommitted(long produced) {
    while (pending < produced) {
      int length = Memory.getIntAcquire(pages.at(pending));
      if ((length & RingPages.BUSY) != 0) {
        return;
      }
      pending += RingPages.space(length & ~RingPages.DISCARD);
    }
  }

  /// Hands a reserved record to the reader, or drops it.
  ///
  /// @param flags [#NO_WAKEUP], [#FORCE_WAKEUP], or 0: wake the reader if this is the record it
  ///   waits for
  public void commit(long record, long flags, boolean discard) {
    long header = record - RingPages.HEADER;
    int length = Memory.getInt(header) & ~RingPages.BUSY;
    Memory.getAndSetInt(header, discard ? length | RingPages.DISCARD : length);
    boolean awaited = pages.at(pages.consumed()) == header;
    if ((flags & FORCE_WAKEUP) != 0 || (awaited && (flags & NO_WAKEUP) == 0)) {
      reader.wake();
    }
  }

  /// `bpf_ringbuf_output`: a copy of some bytes as a record; 0, `EINVAL` for flags, `EAGAIN` if
  /// there is no room.
  public int output(long from, long length, long flags) {
    if ((flags & ~(NO_WAKEUP | FORCE_WAKEUP)) != 0) {
      return Errno.EINVAL.negated();
    }
    long record = reserve(length);
    if (record == 0) {
      return Errno.EAGAIN.negated();
    }
    Memory.copy(from, record, length);
    commit(record, flags, false);
    return 0;
  }

  /// `bpf_ringbuf_query`.
  ///
  /// @param what 0: bytes not read yet, 1: size, 2: consumer position, 3: producer position
  public long query(long what) {
    if (what == 0) {
      long consumed = pages.consumed();
      return pages.produced() - consumed;
    } else if (what == 1) {
      return pages.size;
    } else if (what == 2) {
      return pages.consumed();
    } else {
      return what == 3 ? pages.produced() : 0;
    }
  }

  RingPages pages() {
    return pages;
  }

  @Override
  public EventReader openReader() {
    seat.take();
    return new RingBufferReader(this, reader, seat);
  }

  @Override
  protected void free() {
    pages.block.free();
  }

  @Override
  public boolean readable(long address, int size) {
    return false;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
