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

  public static void unlock(long address) {
    Memory.putIntRelease(address, 0);
  }
}
