package org.ebpf4j.cli.option;

import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which program of which object file a command is about, and how it is loaded.
public final class ProgramOptions {
  @Parameters(
      index = "0",
      paramLabel = "OBJECT",
      description = "An object file, as clang writes it.")
  private Path object = Path.of("");

  @Option(
      names = "--program",
      paramLabel = "NAME",
      description = "Which program, if the object has several.")
  private Optional<String> program = Optional.empty();

  @Mixin private TypeOption type = new TypeOption();

  @Option(
      names = "--unverified",
      description =
          "Runs programs that are not proven safe, each access checked as it happens (JVM only).")
  private boolean unverified;

  public CollectionSpec read() {
    return type.applyTo(CollectionReader.read(object));
  }

  /// What a program is for.
  ///
  /// @throws CommandException if its section does not say
  public static ProgramType type(ProgramSpec program) {
    return program
        .kind()
        .type()
        .orElseThrow(() ->
            new CommandException(
                "program %s: section '%s' names no program type; give it with --type, such as --type xdp"
                    .formatted(program.name(), program.section())));
  }

  /// The program that is meant.
  public ProgramSpec choose(CollectionSpec spec) {
    return ProgramChoice.of(spec, program);
  }

  public boolean unverified() {
    return unverified;
  }

  /// Loads that program, and what it needs of the object.
  public LoadOptions load(CollectionSpec spec, ProgramSpec chosen) {
    LoadOptions options = LoadOptions.defaults().withUnverified(unverified);
    for (String needed : Dependencies.of(spec, chosen)) {
      options = options.withProgram(needed);
    }
    return options;
  }
}
