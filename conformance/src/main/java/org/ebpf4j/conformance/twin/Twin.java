package org.ebpf4j.conformance.twin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The programs that `conformance/twin/build.sh` builds: `twin`, which loads objects with libbpf,
/// and `tracer`, which writes down the calls of bpf(2) of any command.
public final class Twin {
  /// How `build.sh` says that a compiler or library is missing.
  private static final int MISSING = 3;

  private final Path folder;

  private Twin(Path folder) {
    this.folder = folder;
  }

  /// What became of building.
  public sealed interface Build {
    record Built(Twin twin) implements Build {}

    /// @param reason what is missing
    record Missing(String reason) implements Build {}
  }

  /// Builds the twin, unless it is built already.
  ///
  /// @param conformance the folder of this module
  /// @throws IllegalStateException if it does not compile
  public static Build build(Path conformance) {
    List<String> lines = new ArrayList<>();
    int code = run(lines, List.of(conformance.resolve("twin/build.sh").toString()));
    String last = lines.isEmpty() ? "no output" : lines.getLast();
    return switch (code) {
      case 0 -> new Build.Built(new Twin(Path.of(last)));
      case MISSING -> new Build.Missing(last);
      default ->
          throw new IllegalStateException("twin/build.sh failed: " + String.join("\n", lines));
    };
  }

  /// The object of about 5,000 instructions.
  public Path largeObject() {
    return folder.resolve("large.bpf.o");
  }

  /// The object with a program of each kind but one.
  public Path allKinds() {
    return folder.resolve("kinds.bpf.o");
  }

  /// The object with a struct of kernel functions.
  public Path structOfFunctions() {
    return folder.resolve("congestion.bpf.o");
  }

  /// The object with the program `chooses`, whose function others replace.
  public Path replaced() {
    return folder.resolve("replaced.bpf.o");
  }

  /// The object with programs for the function of [#replaced].
  public Path replacing() {
    return folder.resolve("replacing.bpf.o");
  }

  /// The object whose programs cannot be loaded, but for one.
  public Path wanting() {
    return folder.resolve("wanting.bpf.o");
  }

  /// The program that loads with libbpf, to be started with these words.
  public List<String> command(String... words) {
    List<String> command = new ArrayList<>(List.of(folder.resolve("twin").toString()));
    command.addAll(Arrays.asList(words));
    return command;
  }

  /// A command that runs another one and writes its calls of bpf(2) to a file.
  public List<String> traced(Path trace, List<String> command) {
    List<String> traced =
        new ArrayList<>(List.of(folder.resolve("tracer").toString(), trace.toString()));
    traced.addAll(command);
    return traced;
  }

  /// A command that runs another one as if on an older kernel, whose bpf(2) gives an error.
  ///
  /// @param call the number of the command of bpf(2) that fails, -1 for all
  /// @param largest bytes of attributes up to which it works all the same
  public List<String> refusing(int errno, int call, int largest, List<String> command) {
    List<String> refusing =
        new ArrayList<>(
            List.of(
                folder.resolve("refuse").toString(),
                String.valueOf(errno),
                String.valueOf(call),
                String.valueOf(largest)));
    refusing.addAll(command);
    return refusing;
  }

  /// Runs a command to its end, and gives its exit code.
  ///
  /// @param lines takes what it prints, errors included
  public static int run(List<String> lines, List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          lines.add(line);
        }
      }
      return process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command, e);
    }
  }
}
