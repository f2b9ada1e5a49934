package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_DEVMAP_HASH`: network devices by any number.
///
/// Source: Linux 6.18's `kernel/bpf/devmap.c`.
public final class DeviceHashMap extends HashTableMap implements RedirectTarget {
  DeviceHashMap(MapSpec spec, MapSite site) {
    super(spec.withFlags(spec.flags() | MapFlags.RDONLY_PROG), site);
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    boolean program = spec().valueSize() > 4 && Memory.getInt(value + 4) > 0;
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0 || Memory.getInt(value) == 0 || program) {
      return Errno.EINVAL.negated();
    }
    // Linux does not ask for the entry to be there.
    return super.update(key, value, flags & ~MapFlags.EXIST, cpu);
  }

  @Override
  public int userTake(long key, long to, long flags) {
    return Errno.ENOTSUPP.negated();
  }

  @Override
  public long forEach(int cpu, ElementVisitor visitor) {
    return Errno.EINVAL.negated();
  }

  @Override
  public boolean hasTarget(int key) {
    return table.has(key);
  }

  @Override
  public long redirectFlags() {
    return BROADCAST | EXCLUDE_INGRESS;
  }
}
