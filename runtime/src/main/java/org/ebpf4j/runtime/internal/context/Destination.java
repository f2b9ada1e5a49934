package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.Redirect;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.jspecify.annotations.Nullable;

/// Where a program asked to send its packet. It is set without allocating; [#target] makes the
/// value that callers see.
public final class Destination {
  private static final Redirect NONE = new Redirect.None();

  private Kind kind = Kind.NONE;
  private @Nullable RuntimeMap map;
  private long key;
  private long flags;

  private enum Kind {
    NONE,
    DEVICE,
    MAP,
    SOCKET
  }

  /// Forgets what was asked for.
  public void clear() {
    if (kind != Kind.NONE) {
      set(Kind.NONE, null, 0, 0);
    }
  }

  /// To a network device.
  public void toDevice(int ifindex, long newFlags) {
    set(Kind.DEVICE, null, ifindex, newFlags);
  }

  /// To an entry of a map.
  public void toMap(RuntimeMap newMap, long newKey, long newFlags) {
    set(Kind.MAP, newMap, newKey, newFlags);
  }

  /// To a socket with this cookie.
  public void toSocket(long cookie, long newFlags) {
    set(Kind.SOCKET, null, cookie, newFlags);
  }

  /// Whether a socket was asked for last.
  public boolean isSocket() {
    return kind == Kind.SOCKET;
  }

  private void set(Kind newKind, @Nullable RuntimeMap newMap, long newKey, long newFlags) {
    kind = newKind;
    map = newMap;
    key = newKey;
    flags = newFlags;
  }

  /// What was asked for last.
  public Redirect target() {
    return switch (kind) {
      case NONE -> NONE;
      case DEVICE -> new Redirect.ToDevice((int) key, flags);
      case MAP -> map == null ? NONE : new Redirect.ToMap(map.spec().name(), key, flags);
      case SOCKET -> new Redirect.ToSocket(key, flags);
    };
  }
}
