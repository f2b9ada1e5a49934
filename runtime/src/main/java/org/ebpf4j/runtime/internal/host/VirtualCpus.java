package org.ebpf4j.runtime.internal.host;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// The host's virtual CPUs. A thread owns one while it runs a program, and what is per CPU follows
/// it; a run that begins inside another on the same thread shares its CPU.
///
/// Taking a CPU costs an atomic operation. A thread that runs often on one CPU therefore keeps it
/// between runs, as a [CpuLease]; a thread owns or leases one CPU at most.
final class VirtualCpus {
  /// How long a thread sleeps before it looks again for a free CPU; a release wakes nobody, to cost
  /// nothing.
  private static final long RETRY_NANOS = 20_000;

  private static final int SPINS = 100;

  private final VirtualCpu[] cpus;
  private final AtomicInteger next = new AtomicInteger();

  /// @param cpus by their numbers
  VirtualCpus(VirtualCpu[] cpus) {
    this.cpus = cpus;
  }

  int count() {
    return cpus.length;
  }

  VirtualCpu get(int number) {
    return cpus[number];
  }

  /// A CPU to try first: callers are spread over all.
  int assign() {
    return Math.floorMod(next.getAndIncrement(), cpus.length);
  }

  /// Begins a run, waiting if all CPUs are taken. Gives the CPU's number, or its complement
  /// (`~cpu`) if this thread is in a run on it already, so that there is nothing to end.
  int begin(Seat seat) {
    Thread self = Thread.currentThread();
    CpuLease own = null;
    for (VirtualCpu cpu : cpus) {
      if (cpu.runs(self)) {
        return ~cpu.number();
      }
      CpuLease lease = cpu.leaseOf(self);
      own = lease != null ? lease : own;
    }
    if (own != null && own.begin()) {
      seat.use(own);
      return own.cpu().number();
    }
    VirtualCpu cpu = take(self, seat.preferred());
    seat.move(cpu.number());
    cpu.enter();
    return cpu.number();
  }

  private VirtualCpu take(Thread self, int preferred) {
    for (int tries = 0; ; tries++) {
      for (int i = 0; i < cpus.length; i++) {
        VirtualCpu cpu = cpus[(preferred + i) % cpus.length];
        if (cpu.tryTake(self)) {
          return cpu;
        }
      }
      boolean asked = false;
      for (int i = 0; i < cpus.length && !asked; i++) {
        asked = cpus[(preferred + i) % cpus.length].revoke();
      }
      pause(tries);
    }
  }

  /// Begins a run on this very CPU, waiting if it is taken. The thread must not be in one.
  void beginOn(int number) {
    Thread self = Thread.currentThread();
    VirtualCpu cpu = cpus[number];
    for (int tries = 0; !cpu.tryTake(self); tries++) {
      cpu.revoke();
      pause(tries);
    }
    cpu.enter();
  }

  private void pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(this, RETRY_NANOS);
    }
  }

  /// Ends a run that [#begin] began.
  void end(int number, Seat seat) {
    CpuLease lease = seat.lease();
    if (lease != null) {
      lease.exit();
      return;
    }
    VirtualCpu cpu = cpus[number];
    cpu.exit();
    lease = cpu.release(seat.count());
    if (lease != null) {
      seat.use(lease);
    }
  }

  /// Ends a run that [#beginOn] began.
  void endOn(int number) {
    cpus[number].exit();
    cpus[number].release();
  }

  /// Gives up what the seat leases: its caller will not run again. Other callers on this thread
  /// take a CPU anew.
  void leave(Seat seat) {
    CpuLease lease = seat.lease();
    if (lease != null && !lease.isInside()) {
      lease.cpu().giveUp(lease);
    }
  }
}
