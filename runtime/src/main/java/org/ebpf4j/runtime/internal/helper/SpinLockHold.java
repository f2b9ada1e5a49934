package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.memory.SpinWord;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;

/// A `struct bpf_spin_lock` that a run holds: the word in the map value is 1 meanwhile. If the run
/// ends before it unlocks, the lock is released.
///
/// @param address where the lock lies
record SpinLockHold(long address) implements Held {
  /// Locks are held for moments; one that is not free for so long was written to by a program.
  private static final long LONGEST_WAIT = 1_000_000_000;

  /// Waits for the lock. A run that holds it already would wait for itself: it goes on.
  static void lock(Run run, long address) {
    if (run.resources().find(address) instanceof SpinLockHold) {
      return;
    }
    if (!SpinWord.tryLock(address, LONGEST_WAIT)) {
      throw new Fault(
          ProgramFault.Kind.LIMIT,
          address,
          "the lock at 0x%x was not free for a second: does a program write to it?"
              .formatted(address));
    }
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
