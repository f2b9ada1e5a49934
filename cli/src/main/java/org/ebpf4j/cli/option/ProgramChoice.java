package org.ebpf4j.cli.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Which program of an object file is meant.
public final class ProgramChoice {
  private ProgramChoice() {}

  /// The program of this name; without one, the only one that is not called by others.
  public static ProgramSpec of(CollectionSpec spec, Optional<String> name) {
    if (name.isPresent()) {
      return spec.program(name.get())
          .orElseThrow(() ->
              new CommandException(
                  "%s: no program named %s; it has %s"
                      .formatted(spec.name(), name.get(), names(spec))));
    }
    List<ProgramSpec> loaded =
        spec.programs().values().stream().filter(ProgramSpec::autoload).toList();
    List<ProgramSpec> entries = new ArrayList<>(loaded);
    entries.removeIf(candidate -> Dependencies.isTailCallTarget(spec, candidate));
    if (entries.size() == 1) {
      return entries.getFirst();
    }
    if (spec.programs().isEmpty()) {
      throw new CommandException(
          spec.name()
              + ": no program in it: programs are functions in sections such as SEC(\"xdp\")");
    }
    throw new CommandException(
        "%s: %s (%s): choose one with --program"
            .formatted(
                spec.name(),
                loaded.isEmpty() ? "its programs are not loaded unless named" : "several programs",
                names(spec)));
  }

  private static String names(CollectionSpec spec) {
    return spec.programs().isEmpty() ? "none" : String.join(", ", spec.programs().keySet());
  }
}
