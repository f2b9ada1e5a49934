package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Memory;

/// Memory for the key that an array shows to `bpf_for_each_map_elem`: arrays do not store their
/// keys. Each CPU has its own. An iteration within an iteration of one map on one CPU shares it,
/// and gives it back as it was.
final class ScratchKeys {
  private static final int STRIDE = 64;

  private final long base;
  private final long bytes;

  ScratchKeys(long base, int cpus) {
    this.base = base;
    this.bytes = bytes(cpus);
  }

  static long bytes(int cpus) {
    return (long) cpus * STRIDE;
  }

  /// Writes a key and gives its address.
  long show(int cpu, int index) {
    long key = base + (long) cpu * STRIDE;
    Memory.putInt(key, index);
    return key;
  }

  long forEach(int cpu, IndexedMap map, ElementVisitor visitor) {
    long key = base + (long) cpu * STRIDE;
    int before = Memory.getInt(key);
    long shown = 0;
    for (int i = 0; i < map.length(); i++) {
      Memory.putInt(key, i);
      shown++;
      if (!visitor.visit(key, map.at(i, cpu))) {
        break;
      }
    }
    Memory.putInt(key, before);
    return shown;
  }

  boolean contains(long address, int size) {
    long distance = address - base;
    return Long.compareUnsigned(distance, bytes) < 0 && distance % STRIDE + size <= Integer.BYTES;
  }
}
