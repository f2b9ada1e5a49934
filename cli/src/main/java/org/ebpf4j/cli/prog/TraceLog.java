package org.ebpf4j.cli.prog;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import tools.jackson.core.io.JsonStringEncoder;

/// The kernel's log of `bpf_printk`, as it comes.
final class TraceLog {
  /// Where tracefs is by custom.
  private static final List<Path> PLACES =
      List.of(
          Path.of("/sys/kernel/tracing/trace_pipe"),
          Path.of("/sys/kernel/debug/tracing/trace_pipe"));

  private TraceLog() {}

  /// Prints lines, or JSON strings, until nobody takes them any more.
  static void print(Console console, boolean json) {
    Path pipe = PLACES.getFirst();
    for (Path place : PLACES) {
      if (Files.exists(place)) {
        pipe = place;
        break;
      }
    }
    try (BufferedReader lines = Files.newBufferedReader(pipe, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine();
          line != null && !console.out().checkError();
          line = lines.readLine()) {
        console.line(
            json
                ? '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(line)) + '"'
                : line);
      }
    } catch (AccessDeniedException e) {
      throw new CommandException(pipe + ": cannot be opened: run as root", e);
    } catch (IOException e) {
      throw new CommandException(
          "%s: cannot be read (%s): mount it by mount -t tracefs tracefs /sys/kernel/tracing"
              .formatted(pipe, e.getMessage()),
          e);
    }
  }
}
