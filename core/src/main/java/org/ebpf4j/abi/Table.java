package org.ebpf4j.abi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The rows of a table kept beside this package as tab-separated text. Lines that begin with `#`
/// are for people.
///
/// @param file the resource's name
/// @param rows cells by row
record Table(String file, List<Row> rows) {

  /// One line, with its number for errors.
  record Row(String file, int line, String[] cells) {

    String cell(int column) {
      if (column >= cells.length) {
        throw wrong("has no column " + (column + 1));
      }
      return cells[column];
    }

    int number(int column) {
      return number(cell(column));
    }

    int number(String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw wrong("has '" + text + "' where a number belongs");
      }
    }

    <E extends Enum<E>> E constant(int column, Class<E> type) {
      return constant(cell(column), type);
    }

    <E extends Enum<E>> E constant(String text, Class<E> type) {
      try {
        return Enum.valueOf(type, text);
      } catch (IllegalArgumentException e) {
        throw wrong("has '" + text + "' where a " + type.getSimpleName() + " belongs");
      }
    }

    /// A table that ships with ebpf4j is wrong: a fault of ours.
    IllegalStateException wrong(String problem) {
      return new IllegalStateException("%s:%d %s".formatted(file, line, problem));
    }
  }

  static Table load(String file) {
    List<Row> rows = new ArrayList<>();
    int number = 0;
    for (String line : text(file).split("\n", -1)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        rows.add(new Row(file, number, line.split("\t", -1)));
      }
    }
    return new Table(file, List.copyOf(rows));
  }

  private static String text(String file) {
    try (InputStream stream = Table.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new IllegalStateException("table " + file + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("table " + file + " cannot be read", e);
    }
  }
}
