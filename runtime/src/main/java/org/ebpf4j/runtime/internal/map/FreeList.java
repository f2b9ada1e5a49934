package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.atomic.AtomicLongArray;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Free elements of a pool, in a stack for each CPU, so that CPUs do not meet; who finds his own
/// empty takes from another's. The stacks are linked through the elements and changed by
/// compare-and-set; the upper half of a head counts changes, so that a head which went and came
/// back is noticed. An element that is taken out has its own index as its link.
final class FreeList {
  /// Longs between heads: cache lines of their own.
  private static final int SPACING = 16;

  private static final long COUNT = 1L << 32;
  private static final long INDEX = 0xffff_ffffL;

  private final ElementPool pool;
  private final AtomicLongArray heads;
  private final int stripes;

  FreeList(ElementPool pool, int stripes) {
    this.pool = pool;
    this.stripes = stripes;
    this.heads = new AtomicLongArray((stripes + 1) * SPACING);
  }

  /// An element of this stripe, or [ElementPool#NONE].
  int pop(int stripe) {
    int at = at(stripe);
    while (true) {
      long head = heads.get(at);
      int index = (int) (head & INDEX) - 1;
      if (index < 0) {
        return ElementPool.NONE;
      }
      int next = Memory.getIntOpaque(pool.element(index) + ElementPool.LINK);
      if (heads.compareAndSet(at, head, changed(head, next))) {
        Memory.putIntOpaque(pool.element(index) + ElementPool.LINK, index);
        return index;
      }
    }
  }

  /// An element of any stripe, or [ElementPool#NONE].
  int steal(int stripe) {
    for (int i = 0; i < stripes; i++) {
      int index = pop(stripe + i);
      if (index != ElementPool.NONE) {
        return index;
      }
    }
    return ElementPool.NONE;
  }

  void push(int index, int stripe) {
    int at = at(stripe);
    long link = pool.element(index) + ElementPool.LINK;
    while (true) {
      long head = heads.get(at);
      Memory.putIntOpaque(link, (int) (head & INDEX) - 1);
      if (heads.compareAndSet(at, head, changed(head, index))) {
        return;
      }
    }
  }

  boolean isEmpty() {
    for (int i = 0; i < stripes; i++) {
      if ((heads.get(at(i)) & INDEX) != 0) {
        return false;
      }
    }
    return true;
  }

  private static long changed(long head, int index) {
    return ((head & ~INDEX) + COUNT) | ((index + 1) & INDEX);
  }

  private int at(int stripe) {
    return (Integer.remainderUnsigned(stripe, stripes) + 1) * SPACING;
  }
}
