package org.ebpf4j.runtime.internal.host;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The host's virtual CPUs. A thread owns one while it runs a program, and what is per CPU follows
/// it; a run that begins inside another on the same thread shares its CPU.
final class VirtualCpus {
  /// How long a thread sleeps before it looks again for a free CPU; a release wakes nobody, to cost
  /// nothing.
  private static final long RETRY_NANOS = 20_000;

  private static final int SPINS = 100;

  private final AtomicReferenceArray<@Nullable Thread> owners;
  private final AtomicInteger next = new AtomicInteger();

  VirtualCpus(int count) {
    owners = new AtomicReferenceArray<>(count);
  }

  int count() {
    return owners.length();
  }

  /// A CPU to try first: callers are spread over all.
  int assign() {
    return Math.floorMod(next.getAndIncrement(), owners.length());
  }

  /// Takes a CPU, waiting if all are taken. Gives the CPU's number, or its complement (`~cpu`) if
  /// this thread owned it already and must not release it.
  int acquire(int preferred) {
    Thread self = Thread.currentThread();
    for (int cpu = 0; cpu < owners.length(); cpu++) {
      if (owners.getOpaque(cpu) == self) {
        return ~cpu;
      }
    }
    if (owners.compareAndSet(preferred, null, self)) {
      return preferred;
    }
    for (int tries = 0; ; tries++) {
      for (int i = 0; i < owners.length(); i++) {
        int cpu = (preferred + i) % owners.length();
        if (owners.getOpaque(cpu) == null && owners.compareAndSet(cpu, null, self)) {
          return cpu;
        }
      }
      pause(tries);
    }
  }

  /// Takes this very CPU, waiting if it is taken. The thread must not own one.
  void acquireOnly(int cpu) {
    Thread self = Thread.currentThread();
    for (int tries = 0; !owners.compareAndSet(cpu, null, self); tries++) {
      pause(tries);
    }
  }

  private void pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(this, RETRY_NANOS);
    }
  }

  /// Gives back a CPU that [#acquire] gave.
  void release(int cpu) {
    owners.setRelease(cpu, null);
  }
}
