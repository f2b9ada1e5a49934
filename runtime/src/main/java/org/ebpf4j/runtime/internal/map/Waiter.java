package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The one thread that waits for something, and how others wake it.
final class Waiter {
  private volatile @Nullable Thread waiting;

  /// Whether there is something to wait for no longer.
  @FunctionalInterface
  interface Condition {
    boolean holds();
  }

  /// Waits until the condition holds, someone calls [#wake], the time is up or the thread is
  /// interrupted.
  ///
  /// @param deadline as of [System#nanoTime]
  void await(Condition condition, long deadline) {
    waiting = Thread.currentThread();
    try {
      // The condition is read after the announcement; whoever makes it hold reads the announcement
      // after.
      long left = deadline - System.nanoTime();
      if (left > 0 && !condition.holds()) {
        LockSupport.parkNanos(this, left);
      }
    } finally {
      waiting = null;
    }
  }

  void wake() {
    Thread thread = waiting;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
