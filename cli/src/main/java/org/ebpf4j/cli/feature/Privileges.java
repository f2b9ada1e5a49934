package org.ebpf4j.cli.feature;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What this process may do.
final class Privileges {
  /// `CAP_SYS_ADMIN` and `CAP_BPF`, either of which lets a process use all of bpf(2).
  private static final long BPF = 1L << 21 | 1L << 39;

  private static final String EFFECTIVE = "CapEff:";

  private Privileges() {}

  /// Whether more is permitted than to users without privileges.
  static boolean any() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith(EFFECTIVE))
          .anyMatch(line ->
              (Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), 16) & BPF) != 0);
    } catch (IOException e) {
      return false; // no /proc, and no Linux to ask
    }
  }
}
