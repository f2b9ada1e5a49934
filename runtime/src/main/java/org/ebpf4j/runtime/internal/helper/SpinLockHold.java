package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.memory.SpinWord;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;

/// A `struct bpf_spin_lock` that a run holds: the word in the map value is 1 meanwhile. If the run
/// ends before it unlocks, the lock is released.
///
/// @param address where the lock lies
record SpinLockHold(long address) implements Held {
  /// Waits for the lock. A run that holds it already would wait for itself: it goes on.
  static void lock(Run run, long address) {
    if (run.resources().find(address) instanceof SpinLockHold) {
      return;
    }
    SpinWord.lock(address);
    run.resources().hold(new SpinLockHold(address));
  }

  static void unlock(Run run, long address) {
    if (run.resources().find(address) instanceof SpinLockHold hold) {
      run.resources().drop(address);
      hold.release(run);
    }
  }

  @Override
  public void release(Run run) {
    SpinWord.unlock(address);
  }
}
