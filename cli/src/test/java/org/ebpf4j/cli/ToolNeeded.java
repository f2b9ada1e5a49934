package org.ebpf4j.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// For tests that run a program of the machine.
final class ToolNeeded {
  private ToolNeeded() {}

  /// Where it is not on the path, the test is skipped and says so.
  static void orSkip(String name, String purpose) {
    Assumptions.assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(place -> Files.isExecutable(Path.of(place, name))),
        "%s is not on the path, %s: install it".formatted(name, purpose));
  }
}
