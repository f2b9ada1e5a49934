package org.ebpf4j.runtime.internal.host;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ebpf4j.runtime.internal.memory.EpochReader;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.jspecify.annotations.Nullable;

/// One virtual CPU: free, owned by a thread for one run, or leased to it.
///
/// The first lease is given soon. Each one that was revoked doubles the number of runs that earn
/// the next: revoking costs up to some 300 microseconds, which must stay small beside the runs.
final class VirtualCpu extends EpochReader {
  private static final int FIRST_LEASE_AFTER = 32;
  private static final int LAST_LEASE_AFTER = 1 << 16;

  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(VirtualCpu.class, "owner", Thread.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final int number;
  private final Epochs epochs;
  private final RunStack stack;

  @SuppressWarnings("unused") // by OWNER
  private volatile @Nullable Thread owner;

  /// Changes only in the hands of the owner, or of who has claimed it.
  private volatile @Nullable CpuLease lease;

  private int leaseAfter = FIRST_LEASE_AFTER;

  VirtualCpu(int number, Epochs epochs, RunStack stack) {
    super(epochs);
    this.number = number;
    this.epochs = epochs;
    this.stack = stack;
    epochs.add(this);
  }

  int number() {
    return number;
  }

  RunStack stack() {
    return stack;
  }

  /// Whether the thread is in a run here.
  boolean runs(Thread thread) {
    if (OWNER.getOpaque(this) != thread) {
      return false;
    }
    CpuLease current = lease;
    // Who claims a lease changes the owner first: looked at again, it tells whose CPU this is.
    return current == null ? owner == thread : current.holder() == thread && current.isInside();
  }

  /// The thread's lease, standing or not.
  @Nullable CpuLease leaseOf(Thread thread) {
    CpuLease current = lease;
    return current != null && current.holder() == thread ? current : null;
  }

  /// Makes the thread the owner, if the CPU is free or its lease is over.
  boolean tryTake(Thread thread) {
    if (OWNER.getOpaque(this) == null) {
      return OWNER.compareAndSet(this, (Thread) null, thread);
    }
    CpuLease current = lease;
    if (current == null || !current.claim()) {
      return false;
    }
    epochs.remove(current);
    owner = thread;
    lease = null;
    leaseAfter = Math.min(leaseAfter * 2, LAST_LEASE_AFTER);
    return true;
  }

  /// Ends the lease, if there is one.
  ///
  /// @return whether there was
  boolean revoke() {
    CpuLease current = lease;
    if (current != null) {
      current.revoke();
    }
    return current != null;
  }

  /// By the owner, outside of runs: gives the CPU back.
  void release() {
    OWNER.setRelease(this, (Thread) null);
  }

  /// By the owner, outside of runs: gives the CPU back, or keeps it as a lease.
  ///
  /// @param runs how many one after another the caller has had here
  /// @return the lease, or `null`
  @Nullable CpuLease release(int runs) {
    if (runs < leaseAfter) {
      release();
      return null;
    }
    CpuLease given = new CpuLease(epochs, Thread.currentThread(), this);
    epochs.add(given);
    lease = given;
    return given;
  }

  /// By the holder of the lease, outside of runs: gives the CPU back, unless somebody is about to
  /// claim it.
  void giveUp(CpuLease given) {
    if (given.giveUp()) {
      epochs.remove(given);
      lease = null;
      release();
    }
  }
}
