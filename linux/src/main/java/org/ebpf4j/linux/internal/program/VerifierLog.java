package org.ebpf4j.linux.internal.program;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.spec.ProgramSpec;

/// Reads the verifier's log: which line says why, and what source it belongs to.
public final class VerifierLog {
  /// `12: (85) call bpf_map_lookup_elem#1`
  private static final Pattern INSTRUCTION = Pattern.compile("(\\d+): \\([0-9a-f]{2}\\) .*");

  private static final Pattern PROCESSED = Pattern.compile("processed (\\d+) insns .*");

  /// Some reasons end without a newline, and the figures follow at once.
  private static final Pattern GLUED = Pattern.compile("verification time \\d+ usec$");

  private final List<String> lines;

  public VerifierLog(String log) {
    this.lines = log.lines().filter(line -> !line.isBlank()).toList();
  }

  /// The line that says why: the last one that is no statistics, and no state or source line, which
  /// the kernel prints behind some reasons.
  public Optional<String> reason() {
    for (int i = lines.size() - 1; i >= 0; i--) {
      String line = lines.get(i);
      if (!isStatistics(line)) {
        return Optional.of(GLUED.matcher(line.strip()).replaceFirst(""));
      }
    }
    return Optional.empty();
  }

  private static boolean isStatistics(String line) {
    return PROCESSED.matcher(line).matches()
        || line.startsWith("verification time ")
        || line.startsWith("; ")
        || line.startsWith("cur state:")
        || line.startsWith("old state:")
        || line.startsWith("stack depth ")
        || line.startsWith("max_states_per_insn ");
  }

  /// The source of the last instruction that the verifier looked at.
  public Optional<SourceLine> source(ProgramSpec program) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      Matcher instruction = INSTRUCTION.matcher(lines.get(i));
      if (instruction.matches() && instruction.group(1).length() < 9) {
        return program.line(Integer.parseInt(instruction.group(1)));
      }
    }
    return Optional.empty();
  }

  /// One line for people.
  public String summary(ProgramSpec program, Errno errno) {
    return reason()
        .map(reason ->
            source(program)
                .map(
                    line -> "%s; at %s: %s".formatted(reason, line.location(), line.text().strip()))
                .orElse(reason))
        .orElseGet(() -> withoutLog(program, errno));
  }

  private static String withoutLog(ProgramSpec program, Errno errno) {
    if (program.bytecode().size() == 0) {
      return "it has no instructions";
    }
    String type = program.kind().type().map(Enum::name).orElse("?");
    return switch (errno) {
      case EPERM ->
          "this kernel does not let you load programs of type %s; it may take root, CAP_BPF and more, or be locked down"
              .formatted(type);
      case EINVAL ->
          "the kernel does not know type %s, or one of the flags or attributes given, or there is no license string"
              .formatted(type);
      case E2BIG ->
          "%d instructions are too many, or this kernel is older than an attribute that the program needs (its section: %s)"
              .formatted(program.bytecode().size(), program.section());
      default -> errno.text();
    };
  }
}
