package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_HASH_OF_MAPS`: a hash whose values are the numbers of maps, each of which it
/// holds.
///
/// Source: Linux 6.18's `kernel/bpf/hashtab.c` and `map_in_map.c`.
public final class HashOfMaps extends HashTableMap implements MapOfMaps {
  private final InnerShape shape;

  HashOfMaps(MapSpec spec, MapSite site) {
    super(spec, site, Long.BYTES);
    this.shape = site.inner().orElseThrow();
  }

  private int innerOf(int index) {
    return Memory.getIntOpaque(valueOf(index, 0));
  }

  @Override
  public long lookup(long key, int cpu) {
    long value = super.lookup(key, cpu);
    return value == 0 ? 0 : Handles.map(Memory.getIntOpaque(value));
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int putInner(long key, RuntimeMap inner, long scratch, long flags) {
    if (!shape.fits(inner) || !inner.retain()) {
      return Errno.EINVAL.negated();
    }
    Memory.putLong(scratch, inner.id());
    int result = super.update(key, scratch, flags, SpareElements.NO_CPU);
    if (result != 0) {
      inner.release();
    }
    return result;
  }

  @Override
  int copyOut(int index, long to, long flags) {
    Memory.putInt(to, innerOf(index));
    return 0;
  }

  @Override
  public int userTake(long key, long to, long flags) {
    return Errno.ENOTSUPP.negated();
  }

  @Override
  void dropped(int index) {
    site().registry().find(innerOf(index)).ifPresent(RuntimeMap::release);
  }

  @Override
  public long forEach(int cpu, ElementVisitor visitor) {
    return Errno.EINVAL.negated();
  }

  @Override
  protected void abandon() {
    for (int bucket = 0; bucket < table.buckets(); bucket++) {
      for (int index = table.first(bucket); index >= 0; index = table.next(index)) {
        dropped(index);
      }
    }
  }

  @Override
  public boolean givesValues() {
    return false;
  }

  @Override
  public boolean readable(long address, int size) {
    return false;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
