package org.ebpf4j.conformance.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A fault to plant into a copy of the sources: in a file, one text in place of another.
///
/// As a file: `file PATH`, `why WORDS`, `check NAME`, `---`, the text, `===`, what is put in its
/// place.
///
/// @param name the fault's own file name without its ending
/// @param file the source file, from the root of the tree
/// @param why what is wrong then
/// @param check the check that is to find it; see [FuzzCommand]
/// @param original what stands there, exactly once
/// @param planted what is to stand there
record PlantedFault(
    String name, Path file, String why, String check, String original, String planted) {

  static PlantedFault read(Path path) throws IOException {
    String text = Files.readString(path);
    int divider = text.indexOf("\n---\n");
    int other = text.indexOf("\n===\n");
    if (divider < 0 || other < divider) {
      throw new IllegalArgumentException(path + " has no --- or no === after it");
    }
    String file = "";
    String why = "";
    String check = "soundness";
    for (String line : text.substring(0, divider).lines().toList()) {
      String[] words = line.split(" ", 2);
      switch (words[0]) {
        case "file" -> file = words[1];
        case "why" -> why = words[1];
        case "check" -> check = words[1];
        default -> throw new IllegalArgumentException(path + ": " + line);
      }
    }
    String name = String.valueOf(path.getFileName()).replaceFirst("\\.fault$", "");
    return new PlantedFault(
        name,
        Path.of(file),
        why,
        check,
        text.substring(divider + 5, other),
        text.substring(other + 5).replaceFirst("\n$", ""));
  }

  /// The module that the file is in.
  String module() {
    return file.getName(0).toString();
  }

  /// The source with the fault.
  ///
  /// @throws IllegalStateException if the text to replace is not there once
  String plant(String source) {
    int at = source.indexOf(original);
    if (at < 0 || source.indexOf(original, at + 1) >= 0) {
      throw new IllegalStateException(
          "%s: the text to replace is %s in %s"
              .formatted(name, at < 0 ? "not there" : "there twice", file));
    }
    return source.substring(0, at) + planted + source.substring(at + original.length());
  }
}
