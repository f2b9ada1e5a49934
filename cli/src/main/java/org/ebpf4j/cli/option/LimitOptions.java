package org.ebpf4j.cli.option;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.verifier.VerifierLimits;
import picocli.CommandLine.Option;

/// The limits of the JVM host, as options.
public final class LimitOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMG]?)");

  @Option(
      names = "--map-memory",
      paramLabel = "BYTES",
      description = "Most memory for maps on the JVM host; K, M or G may follow the number.")
  private Optional<String> mapMemory = Optional.empty();

  @Option(names = "--max-maps", paramLabel = "N", description = "Most maps on the JVM host.")
  private Optional<Integer> maps = Optional.empty();

  @Option(
      names = "--max-programs",
      paramLabel = "N",
      description = "Most programs on the JVM host.")
  private Optional<Integer> programs = Optional.empty();

  @Option(
      names = "--max-instructions",
      paramLabel = "N",
      description = "Most instructions that the interpreter executes in a run.")
  private Optional<Long> instructions = Optional.empty();

  @Option(
      names = "--max-packet",
      paramLabel = "BYTES",
      description = "The longest packet on the JVM host; K or M may follow the number.")
  private Optional<String> packet = Optional.empty();

  @Option(
      names = "--max-verified",
      paramLabel = "N",
      description = "Most instructions that the JVM host's verifier walks for a program.")
  private Optional<Long> verified = Optional.empty();

  @Option(
      names = "--verifier-memory",
      paramLabel = "BYTES",
      description = "Most memory of the JVM host's verifier; K, M or G may follow the number.")
  private Optional<String> verifierMemory = Optional.empty();

  /// Whether nothing was asked for.
  public boolean areDefaults() {
    return mapMemory.isEmpty()
        && maps.isEmpty()
        && programs.isEmpty()
        && instructions.isEmpty()
        && packet.isEmpty()
        && verified.isEmpty()
        && verifierMemory.isEmpty();
  }

  /// The host's limits, and what was asked for in place of them.
  public Limits limits() {
    try {
      Limits limits = Limits.defaults();
      if (mapMemory.isPresent()) {
        limits = limits.withMapBytes(bytes("--map-memory", mapMemory.get()));
      }
      if (maps.isPresent()) {
        limits = limits.withMaps(maps.get());
      }
      if (programs.isPresent()) {
        limits = limits.withPrograms(programs.get());
      }
      if (instructions.isPresent()) {
        limits = limits.withInstructions(instructions.get());
      }
      if (packet.isPresent()) {
        limits = limits.withPacketBytes(Math.toIntExact(bytes("--max-packet", packet.get())));
      }
      return limits.withVerifier(verifier(limits.verifier()));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CommandException("a limit is out of range: " + e.getMessage(), e);
    }
  }

  private VerifierLimits verifier(VerifierLimits defaults) {
    return new VerifierLimits(
        verified.orElse(defaults.instructions()),
        verifierMemory.map(words -> bytes("--verifier-memory", words)).orElse(defaults.bytes()));
  }

  private static long bytes(String option, String words) {
    Matcher size = SIZE.matcher(words);
    if (!size.matches()) {
      throw new CommandException(
          "%s is a number of bytes such as 64M, not '%s'".formatted(option, words));
    }
    long unit = 1L << (10 * " KMG".indexOf(size.group(2).isEmpty() ? " " : size.group(2)));
    return Long.parseLong(size.group(1)) * unit;
  }
}
