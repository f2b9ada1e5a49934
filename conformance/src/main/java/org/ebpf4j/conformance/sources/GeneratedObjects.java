package org.ebpf4j.conformance.sources;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.testkit.Chance;

/// Objects of generated programs: the same seed gives the same source everywhere.
public final class GeneratedObjects {
  private final Kind kind;
  private final Sources sources;
  private final Compiler compiler;

  private GeneratedObjects(Kind kind, Sources sources, Compiler compiler) {
    this.kind = kind;
    this.sources = sources;
    this.compiler = compiler;
  }

  /// What is generated.
  public enum Kind {
    STATEMENTS,
    CALLS
  }

  /// Whether objects can be made here.
  public sealed interface Found {
    record Ready(GeneratedObjects objects) implements Found {}

    /// @param reason what is missing
    record Missing(String reason) implements Found {}
  }

  /// Looks for what compiles them.
  ///
  /// @param folder takes headers, sources and objects
  /// @param wrongPerMille how many decisions in a thousand are mistakes
  public static Found find(Kind kind, Path folder, Btf kernelTypes, int wrongPerMille)
      throws IOException {
    return switch (Compiler.find(folder, kernelTypes)) {
      case Compiler.Found.Missing(String reason) -> new Found.Missing(reason);
      case Compiler.Found.Ready(Compiler compiler) ->
          new Found.Ready(
              new GeneratedObjects(kind, sources(kind, kernelTypes, wrongPerMille), compiler));
    };
  }

  private static Sources sources(Kind kind, Btf kernelTypes, int wrongPerMille) {
    return switch (kind) {
      case STATEMENTS -> new StatementSources(wrongPerMille);
      case CALLS ->
          new CallSources(
              wrongPerMille, name -> !kernelTypes.find(name, BtfType.Function.class).isEmpty());
    };
  }

  /// Writes and compiles the object of a seed.
  ///
  /// @param programs how many it has
  /// @return the object; its source lies beside it
  public Path make(long seed, int programs) throws IOException {
    Chance chance = new Chance(seed);
    String text =
        IntStream.range(0, programs)
            .mapToObj(i -> sources.program(chance, "p" + i))
            .collect(Collectors.joining("\n"));
    return compiler.compile(name(seed), text, seed);
  }

  /// What the object of a seed is called, without an ending.
  public String name(long seed) {
    return "%s-%d".formatted(kind.name().toLowerCase(Locale.ROOT), seed);
  }
}
