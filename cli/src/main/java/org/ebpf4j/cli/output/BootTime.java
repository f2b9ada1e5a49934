package org.ebpf4j.cli.output;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// When this machine started, which the kernel's times count from.
public final class BootTime {
  private static final Path UPTIME = Path.of("/proc/uptime");

  private BootTime() {}

  /// The start of the machine, to a hundredth of a second.
  public static Instant instant() {
    try {
      String seconds = Files.readString(UPTIME).split(" ", 2)[0];
      return Instant.now().minus(Duration.ofMillis((long) (Double.parseDouble(seconds) * 1000)));
    } catch (IOException | NumberFormatException e) {
      throw new CommandException(UPTIME + " does not tell when the machine started", e);
    }
  }
}
