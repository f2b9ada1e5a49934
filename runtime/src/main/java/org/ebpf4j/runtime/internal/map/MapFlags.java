package org.ebpf4j.runtime.internal.map;

/// Flags of map creation and of element operations.
///
/// Source: Linux 6.18's `include/uapi/linux/bpf.h`.
public final class MapFlags {
  // Element operations.
  public static final long ANY = 0;
  public static final long NOEXIST = 1;
  public static final long EXIST = 2;
  public static final long LOCK = 4;

  // Creation.
  public static final int NO_PREALLOC = 1;
  public static final int NO_COMMON_LRU = 1 << 1;
  public static final int NUMA_NODE = 1 << 2;
  public static final int RDONLY = 1 << 3;
  public static final int WRONLY = 1 << 4;
  public static final int STACK_BUILD_ID = 1 << 5;
  public static final int ZERO_SEED = 1 << 6;
  public static final int RDONLY_PROG = 1 << 7;
  public static final int WRONLY_PROG = 1 << 8;
  public static final int CLONE = 1 << 9;
  public static final int MMAPABLE = 1 << 10;
  public static final int PRESERVE_ELEMS = 1 << 11;
  public static final int INNER_MAP = 1 << 12;

  /// Who may read and write: callers and programs.
  public static final int ACCESS = RDONLY | WRONLY | RDONLY_PROG | WRONLY_PROG;

  private MapFlags() {}

  /// Whether these flags of an update are none that Linux knows.
  static boolean unknown(long flags) {
    return Long.compareUnsigned(flags & ~LOCK, EXIST) > 0;
  }
}
