package org.ebpf4j.cli;

import java.util.Optional;
import org.ebpf4j.cli.output.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// `ebpf version`.
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Says which version this is.")
final class VersionCommand implements Runnable {
  private final Console console;

  VersionCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    for (String line : new Provider().getVersion()) {
      console.line(line);
    }
  }

  /// The version, from the jar.
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
              .orElse("(not from a jar)");
      return new String[] {"ebpf " + version + ", Java " + Runtime.version()};
    }
  }
}
