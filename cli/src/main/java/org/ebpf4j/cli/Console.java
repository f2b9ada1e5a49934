package org.ebpf4j.cli;

import java.io.PrintStream;

/// Where the command prints: results to `out`, everything else, one line each, to `err`.
///
/// @param out results, for people or as JSON
/// @param err errors and progress
record Console(PrintStream out, PrintStream err) {

  void error(String message) {
    err.println("ebpf: " + message);
  }

  void line(String text) {
    out.println(text);
  }

  void line(String format, Object... arguments) {
    out.println(format.formatted(arguments));
  }
}
