package org.ebpf4j.linux.internal.event;

import java.time.Duration;

/// When a wait is over.
record Deadline(long start, long nanoseconds) {

  /// A point in time from now; a negative duration counts as zero.
  static Deadline after(Duration timeout) {
    long nanoseconds;
    try {
      nanoseconds = timeout.isNegative() ? 0 : timeout.toNanos();
    } catch (ArithmeticException e) {
      nanoseconds = Long.MAX_VALUE; // 292 years and more
    }
    return new Deadline(System.nanoTime(), nanoseconds);
  }

  boolean isOver() {
    return left() <= 0;
  }

  /// What is left, rounded up.
  int milliseconds() {
    long left = Math.max(0, left());
    return (int) Math.min(Integer.MAX_VALUE, (left - 1) / 1_000_000 + 1);
  }

  private long left() {
    return nanoseconds - (System.nanoTime() - start);
  }
}
