package org.ebpf4j.runtime.internal.map;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_USER_RINGBUF`: records from the application, which a program takes with
/// `bpf_user_ringbuf_drain`. One program at a time: [#beginDrain], then [#next] and [#consume] as
/// long as there are records, then [#endDrain].
///
/// Source: Linux 6.18's `kernel/bpf/ringbuf.c`.
public final class UserRingBuffer extends RuntimeMap {
  /// Most records that one drain takes (`BPF_MAX_USER_RINGBUF_SAMPLES`).
  public static final int MAX_SAMPLES = 128 * 1024;

  private final RingPages pages;
  private final ReentrantLock submitting = new ReentrantLock();
  private final Waiter submitter = new Waiter();
  private final AtomicBoolean draining = new AtomicBoolean();

  UserRingBuffer(MapSpec spec, MapSite site) {
    super(spec, site);
    this.pages = new RingPages(spec, site);
  }

  /// 0, or `EBUSY` if another program is draining.
  public int beginDrain() {
    return draining.compareAndSet(false, true) ? 0 : Errno.EBUSY.negated();
  }

  /// The address of the oldest record, or 0 if there is none.
  public long next() {
    long position = pages.consumed();
    return position < pages.produced() ? pages.at(position) + RingPages.HEADER : 0;
  }

  /// The length of the record that [#next] gave.
  public int length(long record) {
    return Memory.getInt(record - RingPages.HEADER);
  }

  /// Lets the record that [#next] gave be overwritten.
  public void consume(long record) {
    pages.consumed(pages.consumed() + RingPages.space(length(record)));
  }

  /// @param flags [RingBuffer#NO_WAKEUP], [RingBuffer#FORCE_WAKEUP], or 0: wake who waits for room
  ///   if any record was taken
  public void endDrain(long flags, int taken) {
    draining.set(false);
    boolean wake = taken > 0 && (flags & RingBuffer.NO_WAKEUP) == 0;
    if (wake || (flags & RingBuffer.FORCE_WAKEUP) != 0) {
      submitter.wake();
    }
  }

  /// Appends a record; 0, `E2BIG` if it never fits, `ENOSPC` if the ring stayed full for this long,
  /// `EBADF` if the user has closed the map, even meanwhile.
  ///
  /// @param closed whether the user has; [#wakeSubmitter] lets it be asked again
  int submit(byte[] record, Duration timeout, BooleanSupplier closed) {
    long space = RingPages.space(record.length);
    if (space > pages.size) {
      return Errno.E2BIG.negated();
    }
    long deadline = MapEventReader.deadline(timeout);
    try {
      if (!submitting.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return Errno.ENOSPC.negated();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Errno.ENOSPC.negated();
    }
    try {
      while (!fits(space)) {
        if (closed.getAsBoolean()) {
          return Errno.EBADF.negated();
        }
        if (Thread.currentThread().isInterrupted() || System.nanoTime() - deadline >= 0) {
          return Errno.ENOSPC.negated();
        }
        submitter.await(() -> fits(space) || closed.getAsBoolean(), deadline);
      }
      long position = pages.produced();
      long header = pages.at(position);
      Memory.copy(record, 0, header + RingPages.HEADER, record.length);
      Memory.putInt(header + 4, pages.page(header));
      Memory.putIntRelease(header, record.length);
      pages.produced(position + space);
      return 0;
    } finally {
      submitting.unlock();
    }
  }

  void wakeSubmitter() {
    submitter.wake();
  }

  private boolean fits(long space) {
    return pages.size - (pages.produced() - pages.consumed()) >= space;
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
