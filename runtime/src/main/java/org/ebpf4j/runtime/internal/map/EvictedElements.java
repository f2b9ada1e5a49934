package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The elements of LRU maps: when all are in use, one that was not looked up lately is evicted. A
/// hand goes round over all elements; one that a program looked up since the hand was last there is
/// passed over once (the clock algorithm). Linux approximates the same with an active and an
/// inactive list; which element goes first may differ, and Linux may evict several at once where
/// this evicts one.
final class EvictedElements implements ElementSource {
  /// How many elements a map has for each one that a CPU may keep at hand. Those are out of reach
  /// of other CPUs, which a small map would notice.
  private static final int ELEMENTS_PER_SPARE = 64;

  /// Rounds of the hand: the first may find everything looked up, the second everything changing.
  private static final int ROUNDS = 3;

  private final ElementPool pool;
  private final HashTable table;
  private final int limit;
  private final Evicted evicted;
  private final AtomicInteger hand = new AtomicInteger();
  private final SpareElements spares;

  /// Called with each element that is evicted, out of its bucket already.
  @FunctionalInterface
  interface Evicted {
    void evicted(int index);
  }

  EvictedElements(ElementPool pool, HashTable table, int limit, int cpus, Evicted evicted) {
    this.pool = pool;
    this.table = table;
    this.limit = limit;
    this.evicted = evicted;
    this.spares = new SpareElements(Math.min(cpus, limit / ELEMENTS_PER_SPARE));
  }

  @Override
  public int takeAhead(int cpu) {
    int index = spares.take(cpu);
    if (index == ElementPool.NONE) {
      index = pool.take(cpu);
    }
    for (long step = 0; index < 0 && step < (long) limit * ROUNDS; step++) {
      int candidate = Integer.remainderUnsigned(hand.getAndIncrement(), limit);
      if (evict(candidate, cpu)) {
        evicted.evicted(candidate);
        return candidate;
      }
      if ((step & 0xff) == 0xff) {
        index = pool.take(cpu);
      }
    }
    return index < 0 ? Errno.ENOMEM.negated() : index;
  }

  private boolean evict(int candidate, int cpu) {
    long referenced = pool.element(candidate) + HashTable.REFERENCED;
    if (Memory.getIntOpaque(referenced) != 0) {
      Memory.putIntOpaque(referenced, 0);
      return false;
    }
    int hash = table.hashOf(candidate);
    if (hash == 0) {
      return false;
    }
    long bucket = table.lock(hash, cpu);
    try {
      boolean linked = table.hashOf(candidate) == hash && table.contains(bucket, candidate);
      if (linked) {
        bucket = table.unlink(bucket, candidate);
      }
      return linked;
    } finally {
      table.unlock(hash, bucket, cpu);
    }
  }

  @Override
  public int takeNew(int cpu) {
    throw new IllegalStateException("elements of LRU maps are taken ahead");
  }

  @Override
  public int takeReplacement(int cpu) {
    throw new IllegalStateException("elements of LRU maps are taken ahead");
  }

  @Override
  public void give(int index, int cpu) {
    if (!spares.put(index, cpu)) {
      pool.give(index, cpu);
    }
  }

  @Override
  public void giveReplaced(int index, int cpu) {
    give(index, cpu);
  }
}
