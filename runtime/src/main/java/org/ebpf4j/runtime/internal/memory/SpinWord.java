package org.ebpf4j.runtime.internal.memory;

/// A lock in four bytes of shared memory, 0 when free, as in `struct bpf_spin_lock`. Holders leave
/// soon; who waits long yields the processor. Not reentrant.
public final class SpinWord {
  private SpinWord() {}

  public static boolean tryLock(long address) {
    return Memory.compareAndSetInt(address, 0, 1);
  }

  public static void lock(long address) {
    int tries = 0;
    while (!tryLock(address)) {
      tries = Backoff.pause(tries);
    }
  }

  /// Waits this long and no longer; whether it has the lock now.
  ///
  /// @param nanos how long
  public static boolean tryLock(long address, long nanos) {
    if (tryLock(address)) {
      return true; // as nearly always, and to ask for the time takes longer than all else
    }
    long deadline = System.nanoTime() + nanos;
    int tries = 0;
    while (!tryLock(address)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      tries = Backoff.pause(tries);
    }
    return true;
  }

  public static void unlock(long address) {
    Memory.putIntRelease(address, 0);
  }
}
