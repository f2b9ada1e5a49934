package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.error.Errno;

/// `BPF_F_NO_PREALLOC`: memory comes as elements do, and a freed element rests until every reader
/// of its time has ended.
final class GrowingElements implements ElementSource {
  private final ElementPool pool;
  private final int limit;
  private final AtomicInteger count = new AtomicInteger();

  GrowingElements(ElementPool pool, int limit) {
    this.pool = pool;
    this.limit = limit;
  }

  @Override
  public int takeAhead(int cpu) {
    return ElementPool.NONE;
  }

  @Override
  public int takeNew(int cpu) {
    if (count.incrementAndGet() > limit) {
      count.decrementAndGet();
      return Errno.E2BIG.negated();
    }
    int index = takeReplacement(cpu);
    if (index < 0) {
      count.decrementAndGet();
    }
    return index;
  }

  @Override
  public int takeReplacement(int cpu) {
    int index = pool.take(cpu);
    return index == ElementPool.NONE ? Errno.ENOMEM.negated() : index;
  }

  @Override
  public void give(int index, int cpu) {
    count.decrementAndGet();
    pool.retire(index, cpu);
  }

  @Override
  public void giveReplaced(int index, int cpu) {
    pool.retire(index, cpu);
  }
}
