package org.ebpf4j.runtime.internal.map;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_PERCPU_HASH` and `BPF_MAP_TYPE_LRU_PERCPU_HASH`: a value for each CPU, in planes
/// of their own. An update of a key that is there overwrites in place; the CPUs that a new key was
/// not set for read zeros.
public final class PerCpuHashMap extends HashedMap {
  private final int cpus;
  private final int stride;

  PerCpuHashMap(MapSpec spec, MapSite site) {
    super(spec, site, spec.valueSize(), true);
    this.cpus = site.cpus();
    this.stride = rounded(spec.valueSize());
  }

  @Override
  HashGeometry geometry() {
    return geometry(0, Optional.empty());
  }

  @Override
  long valueOf(int index, int cpu) {
    return pool.plane(index, cpu);
  }

  @Override
  int copyOut(int index, long to, long flags) {
    PerCpuRows.copyOut(values, stride, cpus, cpu -> valueOf(index, cpu), to);
    return 0;
  }

  @Override
  void dropped(int index) {
    for (int cpu = 0; values.hasFields() && cpu < cpus; cpu++) {
      values.releaseFields(this, valueOf(index, cpu));
    }
  }

  @Override
  public long lookup(long key, int cpu) {
    long element = findUsed(key);
    return element == 0 ? 0 : valueOf(HashTable.indexOf(element), cpu);
  }

  @Override
  public long lookupPerCpu(long key, int cpu) {
    return Integer.compareUnsigned(cpu, cpus) < 0 ? lookup(key, cpu) : 0;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return store(key, value, flags, cpu, false);
  }

  @Override
  public int userValueSize() {
    return stride * cpus;
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    return store(key, value, flags, SpareElements.NO_CPU, true);
  }

  /// @param row whether `value` is a row for all CPUs; else it is for `cpu` alone
  private int store(long key, long value, long flags, int cpu, boolean row) {
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0) {
      return Errno.EINVAL.negated();
    }
    int result;
    do {
      result = put(key, value, flags, cpu, row);
    } while (result == HashTable.CHANGED);
    return result;
  }

  private int put(long key, long value, long flags, int cpu, boolean row) {
    int hash = table.hash(key);
    int ahead = flags == MapFlags.EXIST ? ElementPool.NONE : source.takeAhead(cpu);
    if (ahead < ElementPool.NONE) {
      return ahead;
    }
    int old = ElementPool.NONE;
    int result;
    int unused = ahead;
    long bucket = table.lock(hash, cpu);
    try {
      old = table.find(bucket, hash, key);
      result = checkExistence(old >= 0, flags);
      if (result == 0) {
        result = old >= 0 ? old : ahead >= 0 ? ahead : source.takeNew(cpu);
      }
      if (result >= 0) {
        if (old >= 0) {
          overwrite(old, value, cpu, row);
        } else if (table.name(result, key, hash, bucket, old)) {
          initialize(result, value, cpu, row);
          bucket = table.link(bucket, result, hash);
          unused = result == ahead ? ElementPool.NONE : ahead;
        } else {
          unused = result;
          result = HashTable.CHANGED;
        }
      }
    } finally {
      table.unlock(hash, bucket, cpu);
    }
    if (unused >= 0) {
      source.give(unused, cpu);
    }
    if (lru && old >= 0) {
      use(pool.element(old));
    }
    return Math.min(result, 0);
  }

  private void overwrite(int index, long value, int cpu, boolean row) {
    if (!row) {
      values.copy(value, valueOf(index, cpu));
      return;
    }
    for (int i = 0; i < cpus; i++) {
      values.copy(value + (long) i * stride, valueOf(index, i));
    }
  }

  private void initialize(int index, long value, int cpu, boolean row) {
    for (int i = 0; i < cpus; i++) {
      if (row) {
        setUp(value + (long) i * stride, valueOf(index, i));
      } else if (i == cpu) {
        setUp(value, valueOf(index, i));
      } else {
        values.clear(valueOf(index, i));
      }
    }
  }
}
