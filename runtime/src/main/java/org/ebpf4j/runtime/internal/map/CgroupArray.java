package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_CGROUP_ARRAY`: control groups, which users put in by their ids, as the host has no
/// file descriptors.
///
/// Source: Linux 6.18's `kernel/bpf/arraymap.c`.
public final class CgroupArray extends TargetArray {
  CgroupArray(MapSpec spec, MapSite site) {
    super(spec, site);
  }

  /// Whether an index is in range.
  public boolean hasIndex(int index) {
    return Integer.compareUnsigned(index, length()) < 0;
  }

  /// The id of the group at an index that is in range, or 0 if there is none.
  public long group(int index) {
    return hasTarget(index) ? Integer.toUnsignedLong(Memory.getIntOpaque(at(index, 0))) : 0;
  }

  @Override
  int checkTarget(int index, int target, long flags, boolean there) {
    return flags == MapFlags.ANY && target != 0 ? 0 : Errno.EINVAL.negated();
  }

  @Override
  boolean isNone(int target) {
    return target == 0;
  }
}
