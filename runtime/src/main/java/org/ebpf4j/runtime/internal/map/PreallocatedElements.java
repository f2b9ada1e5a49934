package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Backoff;

/// All elements are there from the start, and are used again at once, as in Linux: a program that
/// holds the address of a deleted element's value may see another key's value there.
///
/// Replacing a value takes a spare element, of which there is one for each CPU, so that it works in
/// a full map as well. Who finds none waits for another's replacement, a few instructions, to end.
final class PreallocatedElements implements ElementSource {
  private final ElementPool pool;
  private final FreeList spares;

  PreallocatedElements(ElementPool pool, int cpus) {
    this.pool = pool;
    this.spares = new FreeList(pool, cpus);
    for (int cpu = 0; cpu < cpus; cpu++) {
      spares.push(pool.take(cpu), cpu);
    }
  }

  @Override
  public int takeAhead(int stripe) {
    return ElementPool.NONE;
  }

  @Override
  public int takeNew(int stripe) {
    int index = pool.take(stripe);
    return index == ElementPool.NONE ? Errno.E2BIG.negated() : index;
  }

  @Override
  public int takeReplacement(int stripe) {
    int tries = 0;
    while (true) {
      int index = spares.steal(stripe);
      if (index != ElementPool.NONE) {
        return index;
      }
      tries = Backoff.pause(tries);
    }
  }

  @Override
  public void give(int index, int stripe) {
    pool.give(index, stripe);
  }

  @Override
  public void giveReplaced(int index, int stripe) {
    spares.push(index, stripe);
  }
}
