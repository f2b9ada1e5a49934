package org.ebpf4j.runtime.internal.map;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;

/// What readers of rings share: waiting with a deadline, and closing while another thread, or the
/// handler itself, is in [#poll]. What the reader holds is given up only when no poll is under way.
abstract class MapEventReader implements EventReader {
  private final RuntimeMap map;
  private final Waiter waiter;
  private final ReentrantLock polling = new ReentrantLock();
  private volatile boolean closed;
  private boolean left;

  /// @param waiter how producers wake this reader
  MapEventReader(RuntimeMap map, Waiter waiter) {
    this.map = map;
    this.waiter = waiter;
  }

  /// Hands over what is there, as long as this reader is open, and says how many records that were.
  abstract int drain(Handler handler);

  /// Whether there is something that [#drain] would take.
  abstract boolean ready();

  /// Gives up what the reader holds.
  abstract void leave();

  final boolean open() {
    return !closed;
  }

  @Override
  public final int poll(Duration timeout, Handler handler) {
    polling.lock();
    try {
      if (closed) {
        throw new MapException(map.spec().name(), "poll", Errno.EBADF, "the reader is closed");
      }
      int count = drain(handler);
      long deadline = deadline(timeout);
      while (count == 0 && goesOn(deadline)) {
        waiter.await(this::wanted, deadline);
        count = drain(handler);
      }
      return count;
    } finally {
      leaveOnce();
      polling.unlock();
    }
  }

  private boolean goesOn(long deadline) {
    return !closed && !Thread.currentThread().isInterrupted() && System.nanoTime() - deadline < 0;
  }

  private boolean wanted() {
    return closed || ready();
  }

  @Override
  public final void close() {
    closed = true;
    waiter.wake();
    polling.lock();
    try {
      leaveOnce();
    } finally {
      polling.unlock();
    }
  }

  private void leaveOnce() {
    if (closed && !left && polling.getHoldCount() == 1) {
      left = true;
      leave();
    }
  }

  /// When a timeout is over, as of [System#nanoTime]; longest 146 years.
  static long deadline(Duration timeout) {
    long nanos;
    try {
      nanos = Math.min(timeout.toNanos(), Long.MAX_VALUE / 2);
    } catch (ArithmeticException forever) {
      nanos = Long.MAX_VALUE / 2;
    }
    return System.nanoTime() + nanos;
  }
}
