package org.ebpf4j.runtime.internal.map;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Reads the rings of all CPUs of a perf event array.
final class PerfEventReader extends MapEventReader {
  private final PerfEventArray array;
  private final PerfRing[] rings;
  private final MemorySegment[] memory;

  PerfEventReader(PerfEventArray array, Waiter waiter, PerfRing[] rings) {
    super(array, waiter);
    this.array = array;
    this.rings = rings;
    this.memory = new MemorySegment[rings.length];
    for (int cpu = 0; cpu < rings.length; cpu++) {
      memory[cpu] = rings[cpu].block.segment().asReadOnly();
    }
  }

  @Override
  boolean ready() {
    for (PerfRing ring : rings) {
      if (!ring.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  @Override
  int drain(Handler handler) {
    if (!ready()) {
      return 0;
    }
    try (Arena lent = Arena.ofConfined()) {
      int count = 0;
      for (int cpu = 0; cpu < rings.length; cpu++) {
        count += drain(handler, cpu, memory[cpu].reinterpret(lent, null));
      }
      return count;
    }
  }

  private int drain(Handler handler, int cpu, MemorySegment view) {
    PerfRing ring = rings[cpu];
    int count = 0;
    while (open() && !ring.isEmpty()) {
      count++;
      try {
        handler.event(view.asSlice(ring.oldest(), ring.oldestSize()), cpu);
      } finally {
        ring.dropOldest();
      }
    }
    return count;
  }

  @Override
  public long lost() {
    long lost = 0;
    for (PerfRing ring : rings) {
      lost += ring.lost();
    }
    return lost;
  }

  @Override
  void leave() {
    array.close(rings);
  }
}
