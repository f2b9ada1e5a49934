package org.ebpf4j.cli.option;

import java.util.Optional;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.spec.CollectionSpec;
import picocli.CommandLine.Option;

/// Which type programs are of, where their sections do not say it or say another.
public final class TypeOption {
  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = {
        "What the object's programs are, by the name of a section: xdp, tc, tracepoint ...",
        "Default: what their sections say."
      })
  private Optional<String> type = Optional.empty();

  /// The object with its programs of the type asked for.
  public CollectionSpec applyTo(CollectionSpec spec) {
    return type.map(name -> retyped(spec, name)).orElse(spec);
  }

  /// @throws CommandException if no section that says a type has this name
  public static CollectionSpec retyped(CollectionSpec spec, String type) {
    try {
      return spec.withType(type);
    } catch (IllegalArgumentException e) {
      throw new CommandException(e.getMessage() + ": try xdp, tc, socket, kprobe, tracepoint", e);
    }
  }
}
