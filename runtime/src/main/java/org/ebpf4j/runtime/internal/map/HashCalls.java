package org.ebpf4j.runtime.internal.map;

import java.util.Optional;

/// A hash of values for code that has it as a constant and its keys in registers. Each map has a
/// class of its own below this one: see [HashCallsOfOne].
public abstract class HashCalls {
  /// Words of eight bytes that a key has at most.
  public static final int MOST_WORDS = KeyWords.MOST;

  /// Those of a map; nothing if it is no hash of values, or if its keys are too long.
  public static Optional<HashCalls> of(RuntimeMap map) {
    // Other kinds look up something else than values.
    boolean givesValues =
        map.getClass() == HashTableMap.class || map.getClass() == PerCpuHashMap.class;
    return givesValues && map.spec().keySize() <= MOST_WORDS * Long.BYTES
        ? Optional.of(((HashedMap) map).calls())
        : Optional.empty();
  }

  /// Bytes in a key.
  public abstract int keySize();

  /// As [RuntimeMap#lookup], with the words of the key as they lie in memory, the last filled up
  /// with zeros and those that it does not have 0.
  public abstract long lookup(long a, long b, long c, long d, long e, int cpu);

  /// As [RuntimeMap#update], with the words of the key too.
  public abstract int update(
      long a, long b, long c, long d, long e, long key, long value, long flags, int cpu);
}
