package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_XSKMAP`: sockets that take whole packets. The host has none of its own: a value is
/// whatever number the caller knows the receiver by, and can be looked up again, which Linux does
/// not allow.
///
/// Source: Linux 6.18's `net/xdp/xskmap.c`.
public final class SocketMap extends TargetArray implements RedirectTarget {
  SocketMap(MapSpec spec, MapSite site) {
    super(spec, site);
  }

  @Override
  int checkTarget(int index, int target, long flags, boolean there) {
    if (there && flags == MapFlags.NOEXIST) {
      return Errno.EEXIST.negated();
    }
    return !there && flags == MapFlags.EXIST ? Errno.ENOENT.negated() : 0;
  }

  @Override
  boolean isNone(int target) {
    return false;
  }

  @Override
  public long redirectFlags() {
    return 0;
  }
}
