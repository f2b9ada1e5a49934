package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.SpinWord;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;

/// A `struct bpf_spin_lock` or `bpf_res_spin_lock` that a run holds: the word in the map value or
/// object is 1 meanwhile. If the run ends before it unlocks, the lock is released.
public final class SpinLockHold implements Held {
  /// Locks are held for moments.
  private static final long LONGEST_WAIT = 1_000_000_000;

  /// `RES_DEF_TIMEOUT` in Linux 6.18's `include/asm-generic/rqspinlock.h`.
  private static final long RESILIENT_WAIT = 250_000_000;

  private final long address;
  private boolean busy;

  private SpinLockHold(long address) {
    this.address = address;
  }

  /// Whether a run holds a lock. Linux lets no helper be called then but the one that unlocks.
  public static boolean anyHeld(Run run) {
    for (int i = run.resources().heldCount() - 1; i >= 0; i--) {
      if (run.resources().held(i) instanceof SpinLockHold) {
        return true;
      }
    }
    return false;
  }

  /// Waits for the lock. A run that holds it already would wait for itself: it goes on.
  static void lock(Run run, long address) {
    if (run.resources().find(address, SpinLockHold.class) != null) {
      return;
    }
    if (!SpinWord.tryLock(address, LONGEST_WAIT)) {
      throw new Fault(
          ProgramFault.Kind.LIMIT,
          address,
          "the lock at 0x%x was not free for a second".formatted(address));
    }
    run.resources().hold(new SpinLockHold(address));
  }

  /// Waits for the lock a little; 0, `EDEADLK` if the run holds it already, or `ETIMEDOUT`.
  static int lockResilient(Run run, long address) {
    if (run.resources().find(address, SpinLockHold.class) != null) {
      return Errno.EDEADLK.negated();
    }
    if (!SpinWord.tryLock(address, RESILIENT_WAIT)) {
      return Errno.ETIMEDOUT.negated();
    }
    run.resources().hold(new SpinLockHold(address));
    return 0;
  }

  /// Gives the lock up, if the run holds it.
  static void unlock(Run run, long address) {
    SpinLockHold hold = run.resources().find(address, SpinLockHold.class);
    if (hold != null) {
      hold.checkIdle();
      run.resources().drop(hold);
      hold.release(run);
    }
  }

  /// Keeps the lock while a function of the program decides about what it protects.
  void begin() {
    checkIdle();
    busy = true;
  }

  void end() {
    busy = false;
  }

  private void checkIdle() {
    if (busy) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "a callback under the lock at 0x%x touches what the lock protects".formatted(address));
    }
  }

  @Override
  public long address() {
    return address;
  }

  @Override
  public void release(Run run) {
    SpinWord.unlock(address);
  }
}
