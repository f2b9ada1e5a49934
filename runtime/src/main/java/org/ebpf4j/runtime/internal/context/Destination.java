package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.Redirect;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.jspecify.annotations.Nullable;

/// Where a program asked to send its packet. It is set without allocating; [#target] makes the
/// value that callers see.
public final class Destination {
  private static final Redirect NONE = new Redirect.None();

  private boolean device;
  private @Nullable RuntimeMap map;
  private long key;
  private long flags;

  /// Forgets what was asked for.
  public void clear() {
    device = false;
    map = null;
  }

  /// To a network device.
  public void toDevice(int ifindex, long newFlags) {
    device = true;
    map = null;
    key = ifindex;
    flags = newFlags;
  }

  /// To an entry of a map.
  public void toMap(RuntimeMap newMap, long newKey, long newFlags) {
    device = false;
    map = newMap;
    key = newKey;
    flags = newFlags;
  }

  /// What was asked for last.
  public Redirect target() {
    RuntimeMap target = map;
    if (target != null) {
      return new Redirect.ToMap(target.spec().name(), key, flags);
    }
    return device ? new Redirect.ToDevice((int) key, flags) : NONE;
  }
}
