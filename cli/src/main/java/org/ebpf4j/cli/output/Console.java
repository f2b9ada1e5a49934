package org.ebpf4j.cli.output;

import java.io.PrintStream;

/// Where the command prints: results to `out`, everything else, one line each, to `err`.
///
/// @param out results, for people or as JSON
/// @param err errors and progress
public record Console(PrintStream out, PrintStream err) {

  public void error(String message) {
    err.println("ebpf: " + message);
  }

  public void note(String message) {
    err.println("ebpf: note: " + message);
  }

  public void line(String text) {
    out.println(text);
  }

  public void line(String format, Object... arguments) {
    out.println(format.formatted(arguments));
  }
}
