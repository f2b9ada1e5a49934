package org.ebpf4j.verifier.internal.rules;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Reads the tables kept beside this package: tab-separated cells, `#` before lines for people.
final class RulesTable {
  private RulesTable() {}

  /// The cells of each row.
  static List<String[]> rows(String file) {
    List<String[]> rows = new ArrayList<>();
    for (String line : text(file).split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        rows.add(line.split("\t", -1));
      }
    }
    return rows;
  }

  private static String text(String file) {
    try (InputStream stream = RulesTable.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new IllegalStateException("table " + file + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("table " + file + " cannot be read", e);
    }
  }
}
