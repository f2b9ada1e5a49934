package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Backoff;

/// All elements are there from the start, and are used again at once, as in Linux: a program that
/// holds the address of a deleted element's value may see another key's value there.
///
/// Replacing a value takes a spare element, of which there is one for each CPU and one for the
/// application, so that it works in a full map as well. Who finds none waits for another's
/// replacement, a few instructions, to end.
final class PreallocatedElements implements ElementSource {
  private final ElementPool pool;
  private final SpareElements own;
  private final FreeList shared;

  PreallocatedElements(ElementPool pool, int cpus) {
    this.pool = pool;
    this.own = new SpareElements(cpus);
    this.shared = new FreeList(pool, 1);
    for (int cpu = 0; cpu < cpus; cpu++) {
      own.put(pool.take(cpu), cpu);
    }
    shared.push(pool.take(0), 0);
  }

  @Override
  public int takeAhead(int cpu) {
    return ElementPool.NONE;
  }

  @Override
  public int takeNew(int cpu) {
    int index = pool.take(cpu);
    return index == ElementPool.NONE ? Errno.E2BIG.negated() : index;
  }

  @Override
  public int takeReplacement(int cpu) {
    int index = own.take(cpu);
    int tries = 0;
    while (index == ElementPool.NONE) {
      index = shared.pop(0);
      tries = index == ElementPool.NONE ? Backoff.pause(tries) : tries;
    }
    return index;
  }

  @Override
  public void give(int index, int cpu) {
    pool.give(index, cpu);
  }

  @Override
  public void giveReplaced(int index, int cpu) {
    if (!own.put(index, cpu)) {
      shared.push(index, 0);
    }
  }
}
