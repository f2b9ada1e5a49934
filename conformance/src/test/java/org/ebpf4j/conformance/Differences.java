package org.ebpf4j.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where a host is to do something else than the behaviour suite says: the lines of
/// `differences.tsv`, each a host, a program of the suite and the reason.
final class Differences {
  private static final Path FILE = Path.of("src/test/resources/behaviour/differences.tsv");

  private Differences() {}

  /// Why a program does not do on a host what it expects.
  static Optional<String> of(String host, String program) {
    try {
      return Files.readAllLines(FILE).stream()
          .map(line -> line.split("\t"))
          .filter(cells -> cells.length == 3 && cells[0].equals(host) && cells[1].equals(program))
          .map(cells -> cells[2])
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
