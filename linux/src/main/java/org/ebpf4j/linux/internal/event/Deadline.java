package org.ebpf4j.linux.internal.event;

import java.time.Duration;

/// When a wait is over.
record Deadline(long start, long nanoseconds) {
  /// The longest wait in the kernel at a time, which hears of no interrupt, nor of another thread
  /// that closes what is waited for.
  private static final int SLICE_MILLISECONDS = 50;

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

  /// Whether to wait on: there is time, and nobody has interrupted this thread.
  boolean goesOn() {
    return left() > 0 && !Thread.currentThread().isInterrupted();
  }

  /// How long to wait before asking [#goesOn] again: what is left, in milliseconds rounded up, or a
  /// part of it.
  int slice() {
    long left = Math.max(0, left());
    return (int) Math.min(SLICE_MILLISECONDS, (left + 999_999) / 1_000_000);
  }

  /// Nanoseconds that are left; not positive when it is over.
  long left() {
    return nanoseconds - (System.nanoTime() - start);
  }
}
