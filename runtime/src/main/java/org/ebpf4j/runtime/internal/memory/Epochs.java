package org.ebpf4j.runtime.internal.memory;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Keeps memory alive while anyone could hold its address: what is retired is reclaimed when every
/// reader that began before has ended.
///
/// An [EpochReader] is a run on a virtual CPU ([#enter] to [#exit]), one of a thread that leases
/// its CPU, or a thread of the application ([#guard] to [Guard#close]). Each shows the epoch in
/// which it began, while it is inside. Once something is unlinked a new epoch begins; when nobody
/// shows the old one or one before it, nobody can hold its address.
///
/// **The asymmetric barrier.** A reader's announcement (a store) must be seen before it loads any
/// address, which would cost a full fence in each run. The side that reclaims pays instead: closing
/// a shared [Arena] makes HotSpot stop every thread at a handshake (that is how it proves that no
/// access to the arena is under way), and a handshake is a full fence on each of them. After it, a
/// reader either shows its epoch or will load what was published before the barrier. Readers need
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

  /// Things retired before a reclamation is tried.
  private static final int BATCH = 64;

  private static final long BATCH_BYTES = 8L << 20;

  private final EpochReader[] cpus;
  private final Guard[] guards = new Guard[GUARDS];
  private final ReentrantLock reclaiming = new ReentrantLock();
  private final Object queue = new Object();

  private List<Retired> pending = new ArrayList<>();
  private long pendingBytes;

  private final List<EpochReader> readers = new CopyOnWriteArrayList<>();
  private final Clock clock = new Clock();

  // Under `reclaiming`: what waits for the readers of an epoch.
  private List<Retired> waiting = List.of();
  private long waitingFor;

  /// Something to free, give back or count once nobody can hold its address any more.
  @FunctionalInterface
  public interface Retired {
    void reclaim();
  }

  /// The number of the epoch, from 1 up.
  static final class Clock {
    private volatile long now = 1;

    long now() {
      return now;
    }

    /// Begins the next epoch, and gives the one that ends.
    @SuppressWarnings("NonAtomicVolatileUpdate") // under `reclaiming`
    long next() {
      return now++;
    }
  }

  public Epochs(int cpus) {
    this.cpus = new EpochReader[cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      this.cpus[cpu] = new EpochReader(this);
    }
    for (int i = 0; i < GUARDS; i++) {
      guards[i] = new Guard(this, i);
    }
    readers.addAll(List.of(this.cpus));
    readers.addAll(List.of(guards));
  }

  /// How many virtual CPUs there are.
  public int cpus() {
    return cpus.length;
  }

  Clock clock() {
    return clock;
  }

  /// Counts a reader in, before it first enters.
  public void add(EpochReader reader) {
    readers.add(reader);
  }

  /// Forgets a reader that is outside and loads no address any more.
  public void remove(EpochReader reader) {
    readers.remove(reader);
  }

  /// Begins a run. Addresses that it finds from now on stay good until [#exit]. The caller owns the
  /// CPU; a run inside another one on the same CPU is part of it and does not enter.
  public void enter(int cpu) {
    cpus[cpu].enter();
  }

  /// Ends a run.
  public void exit(int cpu) {
    cpus[cpu].exit();
  }

  /// Protects what a thread of the application finds, until it closes the guard. Meant for single
  /// operations: it waits for a free guard if all are taken.
  public Guard guard() {
    int first = (int) Thread.currentThread().threadId();
    int tries = 0;
    while (true) {
      for (int i = 0; i < GUARDS; i++) {
        Guard guard = guards[(first + i) & (GUARDS - 1)];
        if (guard.tryEnter()) {
          return guard;
        }
      }
      tries = Backoff.pause(tries);
    }
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
    if (!waiting.isEmpty() && !allLeft()) {
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
    waitingFor = clock.next();
    barrier();
    if (allLeft()) {
      free.addAll(waiting);
      waiting = List.of();
    }
  }

  private boolean allLeft() {
    for (EpochReader reader : readers) {
      if (!reader.left(waitingFor)) {
        return false;
      }
    }
    return true;
  }

  /// A full fence on every thread of this JVM; see the class comment.
  public static void barrier() {
    Arena.ofShared().close();
  }
}
