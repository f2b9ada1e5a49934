package org.ebpf4j.linux.internal.load;

import java.nio.file.Path;

/// Names of maps in the kernel, which has 15 bytes for them.
final class KernelMapNames {
  private static final int LONGEST = 15;
  private static final int SHORTEST_SUFFIX = 7;
  private static final int LONGEST_PREFIX = 8;

  private KernelMapNames() {}

  /// A map's name as the kernel is to have it. Global data of all objects would be named alike, so
  /// they get the start of the object's name before theirs: `firewall.rodata`.
  static String of(String object, String map) {
    if (!map.startsWith(".")) {
      return map;
    }
    String file = String.valueOf(Path.of(object).getFileName());
    int dot = file.indexOf('.');
    String stem = dot > 0 ? file.substring(0, dot) : file;
    int room = LONGEST - Math.max(SHORTEST_SUFFIX, map.length());
    return stem.substring(0, Math.max(0, Math.min(stem.length(), Math.min(room, LONGEST_PREFIX))))
        + map;
  }
}
