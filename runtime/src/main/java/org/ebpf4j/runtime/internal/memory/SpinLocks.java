package org.ebpf4j.runtime.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A power of two of locks, chosen by number. For sections of a few dozen instructions: who waits
/// spins and then yields. Not reentrant.
public final class SpinLocks {
  /// Ints between locks: a cache line each.
  private static final int SPACING = 16;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);

  private final int[] words;
  private final int mask;

  /// @param count rounded up to a power of two
  public SpinLocks(int count) {
    int size = Integer.highestOneBit(Math.max(count, 1) * 2 - 1);
    this.words = new int[(size + 1) * SPACING];
    this.mask = size - 1;
  }

  public void lock(int number) {
    int at = ((number & mask) + 1) * SPACING;
    int tries = 0;
    while (!WORD.compareAndSet(words, at, 0, 1)) {
      tries = Backoff.pause(tries);
    }
  }

  public void unlock(int number) {
    WORD.setRelease(words, ((number & mask) + 1) * SPACING, 0);
  }
}
