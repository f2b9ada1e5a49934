package org.ebpf4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// A map as helpers see it, with values of 8 bytes and all [Keys] in it. Two threads may use it,
/// each as a CPU of its own.
final class MeasuredMap implements AutoCloseable {
  /// How many operations one run does.
  static final int OPERATIONS = 1024;

  private static final int CPUS = 2;
  private static final int NO_PREALLOC = 1;

  /// Bytes from one key to the next.
  private static final int STRIDE = 16;

  private final Epochs epochs = new Epochs(CPUS);
  private final RuntimeMap map;
  private final Arena arena = Arena.ofShared();
  private final long keys;
  private final long value = arena.allocate(8, 8).address();

  MeasuredMap(MapType type) {
    MapRegistry registry =
        new MapRegistry(
            epochs,
            new Budget(1L << 30, false),
            1,
            (owner, field, address, lock) -> {},
            () -> 1,
            cookie -> Optional.empty());
    // Twice the room, so that no LRU map has to evict.
    map = registry.create(spec(type, 2 * Keys.COUNT), Btf.empty());
    keys = keys(type);
    for (int cpu = 0; cpu < CPUS; cpu++) {
      for (int i = 0; i < Keys.COUNT; i++) {
        map.update(key(i), value, 0, cpu);
      }
    }
  }

  private static MapSpec spec(MapType type, int entries) {
    return switch (type) {
      case LPM_TRIE -> MapSpec.of("measured", type, 12, 8, entries).withFlags(NO_PREALLOC);
      case ARRAY, PERCPU_ARRAY -> MapSpec.of("measured", type, 4, 8, entries);
      default -> MapSpec.of("measured", type, 8, 8, entries);
    };
  }

  private long keys(MapType type) {
    MemorySegment all = arena.allocate((long) Keys.COUNT * STRIDE, 64);
    for (int i = 0; i < Keys.COUNT; i++) {
      long at = (long) i * STRIDE;
      switch (type) {
        case LPM_TRIE -> {
          all.set(ValueLayout.JAVA_INT, at, Long.SIZE);
          all.set(ValueLayout.JAVA_LONG_UNALIGNED, at + 4, Keys.at(i));
        }
        case ARRAY, PERCPU_ARRAY -> all.set(ValueLayout.JAVA_INT, at, Keys.index(i));
        default -> all.set(ValueLayout.JAVA_LONG, at, Keys.at(i));
      }
    }
    return all.address();
  }

  private long key(int place) {
    return keys + (long) (place & (Keys.COUNT - 1)) * STRIDE;
  }

  /// A run on a CPU that looks up keys from a place on.
  long lookup(int cpu, int from) {
    long sum = 0;
    epochs.enter(cpu);
    for (int i = 0; i < OPERATIONS; i++) {
      sum += Memory.getLong(map.lookup(key(from + i), cpu));
    }
    epochs.exit(cpu);
    return sum;
  }

  /// A run on a CPU that stores over the values of keys from a place on.
  long update(int cpu, int from) {
    long sum = 0;
    epochs.enter(cpu);
    for (int i = 0; i < OPERATIONS; i++) {
      sum += map.update(key(from + i), value, 0, cpu);
    }
    epochs.exit(cpu);
    return sum;
  }

  /// A run on a CPU that deletes keys from a place on and inserts each again: half the operations
  /// are the one, half the other.
  long replace(int cpu, int from) {
    long sum = 0;
    epochs.enter(cpu);
    for (int i = 0; i < OPERATIONS / 2; i++) {
      long key = key(from + i);
      sum += map.delete(key, cpu) + map.update(key, value, 0, cpu);
    }
    epochs.exit(cpu);
    return sum;
  }

  @Override
  public void close() {
    map.release();
    arena.close();
  }
}
