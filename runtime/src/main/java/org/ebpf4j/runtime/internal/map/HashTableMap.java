package org.ebpf4j.runtime.internal.map;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_HASH` and `BPF_MAP_TYPE_LRU_HASH`. An update puts a new element before the old one
/// and takes the old one out, so that a reader sees one or the other, never both halves.
public class HashTableMap extends HashedMap {
  private final int valueOffset;

  HashTableMap(MapSpec spec, MapSite site) {
    this(spec, site, spec.valueSize());
  }

  HashTableMap(MapSpec spec, MapSite site, int valueSize) {
    super(spec, site, valueSize, false);
    this.valueOffset = HashTable.KEY + rounded(spec.keySize());
  }

  @Override
  final HashGeometry geometry() {
    return geometry(
        valueOffset,
        source instanceof PreallocatedElements plain && !values.hasFields()
            ? Optional.of(plain)
            : Optional.empty());
  }

  @Override
  final long valueOf(int index, int cpu) {
    return pool.element(index) + valueOffset;
  }

  @Override
  public long keyOf(long value, int cpu) {
    return value - valueOffset + HashTable.KEY;
  }

  @Override
  int copyOut(int index, long to, long flags) {
    return values.copyOut(valueOf(index, 0), to, (flags & MapFlags.LOCK) != 0);
  }

  @Override
  void dropped(int index) {
    if (values.hasFields()) {
      values.releaseFields(this, valueOf(index, 0));
    }
  }

  @Override
  public long lookup(long key, int cpu) {
    long element = findUsed(key);
    return element == 0 ? 0 : element + valueOffset;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    boolean locked = (flags & MapFlags.LOCK) != 0;
    if (MapFlags.unknown(flags) || (locked && (lru || !values.lockable()))) {
      return Errno.EINVAL.negated();
    }
    int result;
    do {
      result = put(key, value, flags, cpu);
    } while (result == HashTable.CHANGED);
    return result;
  }

  private int put(long key, long value, long flags, int cpu) {
    int hash = table.hash(key);
    if ((flags & MapFlags.LOCK) != 0) {
      long old = table.search(key);
      int refusal = checkExistence(old != 0, flags);
      if (refusal != 0) {
        return refusal;
      }
      if (old != 0) {
        return values.copyLocked(value, old + valueOffset, old + valueOffset);
      }
    }
    int ahead = source.takeAhead(cpu);
    if (lru && ahead < 0) {
      return ahead;
    }
    int old = ElementPool.NONE;
    int index;
    boolean named = false;
    long bucket = table.lock(hash, cpu);
    try {
      old = table.find(bucket, hash, key);
      index = take(old >= 0, ahead, flags, cpu);
      named = index >= 0 && table.name(index, key, hash, bucket, old);
      if (named) {
        setUp(value, valueOf(index, 0));
        bucket =
            old < 0 ? table.link(bucket, index, hash) : table.replace(bucket, old, index, hash);
      }
    } finally {
      table.unlock(hash, bucket, cpu);
    }
    if (index < 0) {
      if (ahead >= 0) {
        source.give(ahead, cpu);
      }
      return index;
    }
    if (!named) {
      giveBack(index, old >= 0, cpu);
      return HashTable.CHANGED;
    }
    if (old >= 0) {
      dropped(old);
      source.giveReplaced(old, cpu);
      if (lru) {
        use(pool.element(index));
      }
    }
    return 0;
  }

  private void giveBack(int index, boolean exists, int cpu) {
    if (exists) {
      source.giveReplaced(index, cpu);
    } else {
      source.give(index, cpu);
    }
  }

  /// The element that an update may use, or a negated errno.
  private int take(boolean exists, int ahead, long flags, int cpu) {
    int refusal = checkExistence(exists, flags);
    if (refusal != 0) {
      return refusal;
    }
    if (ahead >= 0) {
      return ahead;
    }
    return exists ? source.takeReplacement(cpu) : source.takeNew(cpu);
  }
}
