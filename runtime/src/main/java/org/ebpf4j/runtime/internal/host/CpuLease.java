package org.ebpf4j.runtime.internal.host;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.memory.EpochReader;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.jspecify.annotations.Nullable;

/// A virtual CPU that stays with a thread between its runs, so that a run begins and ends with a
/// plain store each and no atomic operation. Another thread that wants the CPU revokes the lease,
/// for good.
///
/// The holder announces itself and then looks whether the lease still stands; who revokes does the
/// reverse. The fence that the holder would need between the two is paid by the other side, with
/// the barrier that [Epochs] explains, and the announcement is the same. Each lease is an object of
/// its own: one that comes too late changes nobody else's memory.
final class CpuLease extends EpochReader {
  /// The holder may enter.
  private static final int STANDS = 0;

  /// Somebody has asked for it, and the barrier is not over.
  private static final int ASKED = 1;

  /// The holder will not enter again: once it is outside, the CPU may be claimed.
  private static final int REVOKED = 2;

  private static final int CLAIMED = 3;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(CpuLease.class, "state", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final Thread holder;
  private final VirtualCpu cpu;

  /// That of the CPU, once somebody has looked: here to be found sooner.
  private @Nullable CheckedRun outermost;

  @SuppressWarnings("unused") // by STATE
  private int state;

  CpuLease(Epochs epochs, Thread holder, VirtualCpu cpu) {
    super(epochs);
    this.holder = holder;
    this.cpu = cpu;
  }

  Thread holder() {
    return holder;
  }

  VirtualCpu cpu() {
    return cpu;
  }

  /// By the holder: the run to use for a program in which no other can begin; `null` if
  /// [#findOutermost] has not found one yet.
  @Nullable CheckedRun outermost() {
    return outermost;
  }

  /// By the holder: as [#outermost]; `null` if the CPU has not had a run yet.
  @Nullable CheckedRun findOutermost() {
    outermost = cpu.stack().outermost();
    return outermost;
  }

  /// By the holder: begins a run, unless one is under way or the lease stands no more.
  boolean begin() {
    if (isInside()) {
      return false;
    }
    enter();
    if ((int) STATE.getOpaque(this) == STANDS) {
      return true;
    }
    exit();
    return false;
  }

  /// Ends the lease, if it stands. Takes the time of a barrier, but does not wait for the holder.
  void revoke() {
    if (STATE.compareAndSet(this, STANDS, ASKED)) {
      Epochs.barrier();
      STATE.setRelease(this, REVOKED);
    }
  }

  /// Whether the CPU is the caller's now: after the lease was revoked and its holder has left.
  boolean claim() {
    return (int) STATE.getAcquire(this) == REVOKED
        && isOutside()
        && STATE.compareAndSet(this, REVOKED, CLAIMED);
  }

  /// By the holder, outside of runs: gives the CPU back, unless somebody is revoking the lease.
  boolean giveUp() {
    return STATE.compareAndSet(this, STANDS, CLAIMED);
  }
}
