package org.ebpf4j.runtime.internal.map;

import java.util.Optional;

/// A hash of values, for code that has it as a constant and its keys in registers: the fields of a
/// record that is a constant are constants to HotSpot.
///
/// @param valueOffset from an element to its value
/// @param elements those that replacements take, if they are like the plain ones of most maps:
///   preallocated, and values nothing but bytes
public record HashGeometry(
    HashTableMap map,
    HashTable table,
    HashWalk walk,
    boolean lru,
    int valueOffset,
    int valueSize,
    Optional<PreallocatedElements> elements) {

  /// Words of eight bytes that a key has at most.
  public static final int MOST_WORDS = KeyWords.MOST;

  /// That of a map; nothing if it is no hash of values, or if its keys are too long.
  public static Optional<HashGeometry> of(RuntimeMap map) {
    return map.getClass() == HashTableMap.class && map.spec().keySize() <= MOST_WORDS * Long.BYTES
        ? Optional.of(((HashTableMap) map).geometry())
        : Optional.empty();
  }

  public int keySize() {
    return walk.hash().words().size();
  }

  /// As [RuntimeMap#lookup], with the words of the key as they lie in memory, the last filled up
  /// with zeros and those that it does not have 0.
  public long lookup(long a, long b, long c, long d, long e) {
    long element = walk.search(walk.hash().of(a, b, c, d, e), a, b, c, d, e);
    if (element == 0) {
      return 0;
    }
    if (lru) {
      HashedMap.use(element);
    }
    return element + valueOffset;
  }

  /// As [RuntimeMap#update], with the words of the key too.
  public int update(
      long a, long b, long c, long d, long e, long key, long value, long flags, int cpu) {
    if (elements.isPresent() && (flags == 0 || flags == MapFlags.EXIST)) {
      if (replace(elements.get(), a, b, c, d, e, value, cpu)) {
        return 0;
      }
    }
    return map.update(key, value, flags, cpu);
  }

  /// Gives a key that is there a new value; `false` if it is not.
  private boolean replace(
      PreallocatedElements source, long a, long b, long c, long d, long e, long value, int cpu) {
    int hash = walk.hash().of(a, b, c, d, e);
    int old = ElementPool.NONE;
    long bucket = table.lock(hash, cpu);
    try {
      old = walk.find(bucket, a, b, c, d, e);
      if (old >= 0) {
        int index = source.takeReplacement(cpu);
        walk.name(index, a, b, c, d, e);
        ValueCopier.bytes(value, walk.element(index) + valueOffset, valueSize);
        bucket = table.replace(bucket, old, index, hash);
      }
    } finally {
      table.unlock(hash, bucket, cpu);
    }
    if (old < 0) {
      return false;
    }
    source.giveReplaced(old, cpu);
    return true;
  }
}
