package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How many CPUs this machine may have: per-CPU maps hold a value for each, online or not.
public final class PossibleCpus {
  private static final Path LIST = Path.of("/sys/devices/system/cpu/possible");

  private PossibleCpus() {}

  /// The number of them; if the kernel does not tell, those that this JVM sees.
  public static int count() {
    try {
      return count(Files.readString(LIST).strip());
    } catch (IOException | NumberFormatException e) {
      return Runtime.getRuntime().availableProcessors();
    }
  }

  /// One more than the highest number in a list such as `0-3,8`.
  static int count(String list) {
    int highest = -1;
    for (String range : list.split(",", -1)) {
      String last = range.substring(range.indexOf('-') + 1).strip();
      highest = Math.max(highest, Integer.parseInt(last));
    }
    return highest + 1;
  }
}
