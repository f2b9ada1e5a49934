package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_CPUMAP`: the length of a queue to each CPU.
///
/// Source: Linux 6.18's `kernel/bpf/cpumap.c`.
public final class CpuMap extends TargetArray implements RedirectTarget {
  private static final int LONGEST_QUEUE = 16384;

  CpuMap(MapSpec spec, MapSite site) {
    super(spec, site);
  }

  @Override
  int checkTarget(int index, int target, long flags, boolean there) {
    if (flags == MapFlags.NOEXIST) {
      return Errno.EEXIST.negated();
    }
    if (Integer.compareUnsigned(target, LONGEST_QUEUE) > 0) {
      return Errno.EOVERFLOW.negated();
    }
    return index >= site().cpus() ? Errno.ENODEV.negated() : 0;
  }

  @Override
  boolean isNone(int target) {
    return target == 0;
  }

  @Override
  public long redirectFlags() {
    return 0;
  }
}
