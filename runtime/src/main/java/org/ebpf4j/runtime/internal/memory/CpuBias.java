package org.ebpf4j.runtime.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Lets one virtual CPU enter what others enter by a lock, without an atomic operation, as long as
/// it is the only one that comes there. Who does come revokes the bias, and pays for the fence that
/// its holder would need, with the barrier that [Epochs] explains.
///
/// The lock is the caller's. It is taken by a compare-and-set, and these are the rules:
///
/// - the CPU with the bias, in between [#enter] and [#exit], waits until the lock is free;
/// - others take the lock, then ask [#isFree], and then look whether they have the lock still; if
///   not, they give back what they have of it, call [#revoke] and begin again.
///
/// So either the one sees the lock, or the others see the bias. One that did not see the lock may
/// write over it, but not after its bias has ended. A CPU that has taken the lock many times with
/// nobody else in between gets the bias ([#count]); each time it is revoked, the next takes twice
/// as long, for revoking costs some hundred microseconds.
public final class CpuBias extends Padding {
  /// No number of a CPU, nor what stands for none.
  private static final int NONE = Integer.MIN_VALUE;

  /// Somebody revokes the bias, and its holder may still be inside.
  private static final int REVOKED = NONE + 1;

  private static final int FIRST_AFTER = 1 << 10;
  private static final int LAST_AFTER = 1 << 20;

  /// Longs between the counts of CPUs: cache lines of their own.
  private static final int SPACING = 16;

  /// Ints, the same.
  private static final int INSIDE_SPACING = 32;

  private static final VarHandle HOLDER;
  private static final VarHandle INSIDE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      HOLDER = lookup.findVarHandle(CpuBias.class, "holder", int.class);
      INSIDE = MethodHandles.arrayElementVarHandle(int[].class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final int cpus;

  /// By CPU, and one for all who own none: how often it took the lock.
  private final long[] counts;

  /// By CPU: how often the others had done so when it asked last.
  private final long[] others;

  private volatile int after = FIRST_AFTER;

  /// A CPU, or one of the above.
  @SuppressWarnings("unused") // by HOLDER
  private int holder = NONE;

  /// By CPU: 1 while it is inside, or finds out that it may not be. One that has lost the bias
  /// meanwhile must not touch what tells of the next.
  private final int[] inside;

  public CpuBias(int cpus) {
    this.cpus = cpus;
    this.counts = new long[(cpus + 2) * SPACING];
    this.others = new long[(cpus + 2) * SPACING];
    this.inside = new int[(cpus + 1) * INSIDE_SPACING];
  }

  /// By the owner of a CPU: enters, if that CPU has the bias.
  ///
  /// @param cpu or -1 for who owns none, who never enters
  public boolean enter(int cpu) {
    if ((int) HOLDER.getOpaque(this) != cpu) {
      return false;
    }
    INSIDE.setOpaque(inside, (cpu + 1) * INSIDE_SPACING, 1);
    // Keeps the compiler from moving loads up. What the processor does is up to who revokes.
    VarHandle.acquireFence();
    if ((int) HOLDER.getOpaque(this) == cpu) {
      return true;
    }
    exit(cpu);
    return false;
  }

  public void exit(int cpu) {
    INSIDE.setRelease(inside, (cpu + 1) * INSIDE_SPACING, 0);
  }

  /// By who has the lock: whether no CPU has the bias.
  public boolean isFree() {
    return (int) HOLDER.getVolatile(this) == NONE;
  }

  /// Ends the bias. Takes the time of a barrier, and waits until the holder has left.
  public void revoke() {
    int cpu = (int) HOLDER.getAcquire(this);
    if (cpu >= 0 && HOLDER.compareAndSet(this, cpu, REVOKED)) {
      Epochs.barrier();
      for (int tries = 0; (int) INSIDE.getAcquire(inside, (cpu + 1) * INSIDE_SPACING) != 0; ) {
        tries = Backoff.pause(tries);
      }
      after = Math.min(after * 2, LAST_AFTER);
      HOLDER.setRelease(this, NONE);
      return;
    }
    for (int tries = 0; (int) HOLDER.getAcquire(this) == REVOKED; ) {
      tries = Backoff.pause(tries);
    }
  }

  /// By who has the lock: counts that, and may give the CPU the bias.
  ///
  /// @param cpu that the caller owns, or a negative number
  public void count(int cpu) {
    int at = ((cpu < 0 ? cpus : cpu) + 1) * SPACING;
    long count = ++counts[at];
    if (cpu >= 0 && (count & (after - 1)) == 0) {
      consider(cpu, at);
    }
  }

  private void consider(int cpu, int at) {
    long sum = 0;
    for (int i = 1; i <= cpus + 1; i++) {
      sum += i * SPACING == at ? 0 : counts[i * SPACING];
    }
    if (sum == others[at]) {
      HOLDER.compareAndSet(this, NONE, cpu);
      VarHandle.fullFence();
    }
    others[at] = sum;
  }
}
