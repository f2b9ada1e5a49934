package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// A map whose keys are the indices 0 to `maxEntries - 1`, as `u32`.
abstract class IndexedMap extends RuntimeMap {
  private final int length;

  IndexedMap(MapSpec spec, MapSite site) {
    super(spec, site);
    this.length = spec.maxEntries();
    if (length < 0) {
      throw new MapMemoryException(Integer.toUnsignedLong(length) * Long.BYTES);
    }
  }

  /// The index that a key is, or -1 if it is out of range.
  final int index(long key) {
    int index = Memory.getInt(key);
    return Integer.compareUnsigned(index, length) < 0 ? index : -1;
  }

  final int length() {
    return length;
  }

  /// The address of the value at an index that is in range.
  abstract long at(int index, int cpu);

  @Override
  public int delete(long key, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int nextKey(long key, long to) {
    int index = key == 0 ? -1 : Memory.getInt(key);
    if (Integer.compareUnsigned(index, length) >= 0) {
      Memory.putInt(to, 0);
      return 0;
    }
    if (index == length - 1) {
      return Errno.ENOENT.negated();
    }
    Memory.putInt(to, index + 1);
    return 0;
  }

  /// 0, or the errno with which Linux's arrays refuse an update.
  final int refuseUpdate(int index, long flags) {
    if (MapFlags.unknown(flags)) {
      return Errno.EINVAL.negated();
    }
    if (index < 0) {
      return Errno.E2BIG.negated();
    }
    return (flags & MapFlags.NOEXIST) != 0 ? Errno.EEXIST.negated() : 0;
  }
}
