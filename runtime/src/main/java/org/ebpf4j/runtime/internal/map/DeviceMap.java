package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_DEVMAP`: network devices by index. The host has no devices of its own, so any
/// number but 0 is one.
///
/// Source: Linux 6.18's `kernel/bpf/devmap.c`.
public final class DeviceMap extends TargetArray implements RedirectTarget {
  DeviceMap(MapSpec spec, MapSite site) {
    super(spec, site);
  }

  @Override
  int checkTarget(int index, int target, long flags, boolean there) {
    return flags == MapFlags.NOEXIST ? Errno.EEXIST.negated() : 0;
  }

  @Override
  boolean isNone(int target) {
    return target == 0;
  }

  @Override
  public long redirectFlags() {
    return BROADCAST | EXCLUDE_INGRESS;
  }
}
