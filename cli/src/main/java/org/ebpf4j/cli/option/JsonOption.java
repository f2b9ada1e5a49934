package org.ebpf4j.cli.option;

import picocli.CommandLine.Option;

/// Whether a command prints JSON.
public final class JsonOption {
  @Option(
      names = {"--json", "-j"},
      description = "JSON instead of text.")
  private boolean json;

  public boolean isSet() {
    return json;
  }
}
