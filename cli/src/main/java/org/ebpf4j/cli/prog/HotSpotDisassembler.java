package org.ebpf4j.cli.prog;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// HotSpot's disassembler, a library that JDKs come without: `hsdis`.
///
/// Source: `Disassembler::load_library` in OpenJDK 25's `compiler/disassembler.cpp`.
final class HotSpotDisassembler {
  private HotSpotDisassembler() {}

  /// Where a JVM like this one finds it.
  static Optional<Path> find() {
    return candidates().stream().filter(Files::isReadable).findFirst();
  }

  /// What it is called on this machine.
  static String fileName() {
    return System.mapLibraryName("hsdis-" + architecture()).replaceFirst("^lib", "");
  }

  private static List<Path> candidates() {
    Path lib = Path.of(System.getProperty("java.home"), "lib");
    List<Path> candidates = new ArrayList<>();
    candidates.add(lib.resolve("server").resolve("lib" + fileName()));
    candidates.add(lib.resolve("server").resolve(fileName()));
    candidates.add(lib.resolve(fileName()));
    String searched = System.getenv("LD_LIBRARY_PATH");
    if (searched != null) {
      for (String folder : searched.split(File.pathSeparator, -1)) {
        candidates.add(Path.of(folder, fileName()));
      }
    }
    return candidates;
  }

  private static String architecture() {
    String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return name.equals("x86_64") ? "amd64" : name;
  }
}
