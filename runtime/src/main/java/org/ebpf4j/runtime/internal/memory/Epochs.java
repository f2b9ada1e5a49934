package org.ebpf4j.runtime.internal.memory;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Keeps memory alive while anyone could hold its address: what is retired is reclaimed when every
/// reader that began before has ended.
///
/// A reader is a run on a virtual CPU ([#enter] to [#exit]) or a thread of the application
/// ([#guard] to [Guard#close]). Each has a slot of its own that counts up when it begins and when
/// it ends, so an odd number means that it is inside. Once something is unlinked, every slot that
/// is odd must move once; then nobody can still hold its address.
///
/// **The asymmetric barrier.** A reader's announcement (a store) must be seen before it loads any
/// address, which would cost a full fence in each run. The side that reclaims pays instead: closing
/// a shared [Arena] makes HotSpot stop every thread at a handshake (that is how it proves that no
/// access to the arena is under way), and a handshake is a full fence on each of them. After it, a
/// reader either shows an odd slot or will load what was published before the barrier. Readers need
/// to keep the compiler from moving loads up, and nothing else. One barrier takes 20 to 300
/// microseconds, by how busy the machine is, whatever the number of things retired, hence the
/// batches.
///
/// A reader that never ends delays reclamation and nothing else: nobody waits for it, except who
/// calls [#synchronize].
public final class Epochs {
  /// Guards for threads that are not on a virtual CPU. More callers than that at one moment take
  /// turns.
  private static final int GUARDS = 64;

  /// Longs between slots, so that each has cache lines of its own.
  private static final int SPACING = 16;

  /// Things retired before a reclamation is tried.
  private static final int BATCH = 64;

  private static final long BATCH_BYTES = 8L << 20;
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  private final int cpus;
  private final long[] slots;
  private final Guard[] guards = new Guard[GUARDS];
  private final ReentrantLock reclaiming = new ReentrantLock();
  private final Object queue = new Object();

  private List<Retired> pending = new ArrayList<>();
  private long pendingBytes;

  // Under `reclaiming`: what waits for the readers of `inside`, each given by its slot's odd
  // number.
  private List<Retired> waiting = List.of();
  private long[] inside = new long[0];

  /// Something to free, give back or count once nobody can hold its address any more.
  @FunctionalInterface
  public interface Retired {
    void reclaim();
  }

  public Epochs(int cpus) {
    this.cpus = cpus;
    this.slots = new long[(cpus + GUARDS + 1) * SPACING];
    for (int i = 0; i < GUARDS; i++) {
      guards[i] = new Guard(this, cpus + i);
    }
  }

  /// How many virtual CPUs there are.
  public int cpus() {
    return cpus;
  }

  /// Begins a run. Addresses that it finds from now on stay good until [#exit]. The caller owns the
  /// CPU; a run inside another one on the same CPU is part of it and does not enter.
  public void enter(int cpu) {
    int at = (cpu + 1) * SPACING;
    SLOT.setOpaque(slots, at, slots[at] + 1);
    VarHandle.acquireFence();
  }

  /// Ends a run.
  public void exit(int cpu) {
    int at = (cpu + 1) * SPACING;
    SLOT.setRelease(slots, at, slots[at] + 1);
  }

  /// Protects what a thread of the application finds, until it closes the guard. Meant for single
  /// operations: it waits for a free guard if all are taken.
  public Guard guard() {
    int first = (int) Thread.currentThread().threadId();
    int tries = 0;
    while (true) {
      for (int i = 0; i < GUARDS; i++) {
        Guard guard = guards[(first + i) & (GUARDS - 1)];
        int at = (guard.slot() + 1) * SPACING;
        long count = (long) SLOT.getOpaque(slots, at);
        if ((count & 1) == 0 && SLOT.compareAndSet(slots, at, count, count + 1)) {
          return guard;
        }
      }
      tries = Backoff.pause(tries);
    }
  }

  void release(Guard guard) {
    exit(guard.slot());
  }

  /// Hands over something that no reader finds any more from now on. May reclaim older things.
  ///
  /// @param bytes about how much memory it holds
  public void retire(Retired what, long bytes) {
    boolean enough;
    synchronized (queue) {
      pending.add(what);
      pendingBytes += bytes;
      enough = pending.size() >= BATCH || pendingBytes >= BATCH_BYTES;
    }
    if (enough) {
      reclaim();
    }
  }

  /// Reclaims what can be reclaimed now. Never waits.
  public void reclaim() {
    if (!reclaiming.tryLock()) {
      return;
    }
    Deque<Retired> free = new ArrayDeque<>();
    try {
      collect(free);
    } finally {
      reclaiming.unlock();
    }
    free.forEach(Retired::reclaim);
  }

  /// Waits until all that was retired before this call is reclaimed. Not to be called from inside a
  /// run or under a guard, which would wait for itself.
  ///
  /// @return `false` if the time ran out because a reader did not end
  public boolean synchronize(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    // Two rounds: the batch under way, and the one that holds what is pending now.
    for (int round = 0; round < 2; round++) {
      boolean done = false;
      while (!done) {
        Deque<Retired> free = new ArrayDeque<>();
        reclaiming.lock();
        try {
          collect(free);
          done = waiting.isEmpty();
        } finally {
          reclaiming.unlock();
        }
        free.forEach(Retired::reclaim);
        if (!done) {
          if (System.nanoTime() - deadline >= 0) {
            return false;
          }
          LockSupport.parkNanos(50_000);
        }
      }
    }
    return true;
  }

  private void collect(Deque<Retired> free) {
    if (!waiting.isEmpty() && !left()) {
      return;
    }
    free.addAll(waiting);
    waiting = List.of();
    synchronized (queue) {
      if (pending.isEmpty()) {
        return;
      }
      waiting = pending;
      pending = new ArrayList<>();
      pendingBytes = 0;
    }
    barrier();
    inside = snapshot();
    if (left()) {
      free.addAll(waiting);
      waiting = List.of();
    }
  }

  /// Whether every reader that was inside at the last barrier has ended or begun anew.
  private boolean left() {
    for (int i = 0; i < inside.length; i++) {
      if ((inside[i] & 1) != 0 && (long) SLOT.getAcquire(slots, (i + 1) * SPACING) == inside[i]) {
        return false;
      }
    }
    return true;
  }

  private long[] snapshot() {
    long[] counts = new long[cpus + GUARDS];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (long) SLOT.getAcquire(slots, (i + 1) * SPACING);
    }
    return counts;
  }

  /// A full fence on every thread of this JVM; see the class comment.
  static void barrier() {
    Arena.ofShared().close();
  }
}
