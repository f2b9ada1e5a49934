package org.ebpf4j.conformance.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.testkit.TestProgram;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;

/// The verifier knows of every number, at every step of every path, exactly what this machine's
/// Linux knows of it: the lines of both logs are the same. Meant for [RangePrograms]; needs root.
public final class RangesCheck implements Check {
  private static final int EVERY_STEP = 2;

  private static final Pattern STATE = Pattern.compile("(from \\d+ to )?\\d+: .*");

  /// What is not compared: the numbers that equal registers are given, and what Linux found already
  /// that it needs precisely.
  private static final Pattern BESIDES = Pattern.compile("(?<=\\bid=)\\d+|(?<==)P");

  private static final Pattern ALONE = Pattern.compile("\\d+: R.*");
  private static final Pattern INSTRUCTION = Pattern.compile("\\d+: \\([^;]*");

  private final LinuxHost linux = LinuxHost.open();
  private final VerifierOptions options = VerifierOptions.DEFAULT.withCpus(linux.cpus());

  @Override
  public void check(TestProgram program, Tally tally) {
    List<String> ours = new ArrayList<>();
    Verifier.log(program.program(), program.collection(), options, ours::add);
    List<String> left = states(ours);
    List<String> right = states(kernel(program).lines().toList());
    tally.program(program, left.size());
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      String here = i < left.size() ? left.get(i) : "the end";
      String there = i < right.size() ? right.get(i) : "the end";
      if (!here.equals(there)) {
        tally.cause(here.replaceAll(";.*", "") + " after " + (i > 0 ? left.get(i - 1) : ""));
        tally.found(
            new Finding(
                Finding.Kind.OTHER_VERDICT,
                program.seed(),
                "%s | Linux: %s | after %s".formatted(here, there, i > 0 ? left.get(i - 1) : "")));
        return;
      }
    }
    tally.accepted(program);
  }

  private String kernel(TestProgram program) {
    try (VerdictSession session =
        linux.verdicts(program.collection(), LoadOptions.defaults(), LinuxLoadOptions.defaults())) {
      Verdict verdict = session.verdict(TestProgram.NAME, 0, EVERY_STEP);
      return verdict.log();
    }
  }

  /// The instructions with what is known after them, which comes on a line of its own, and with the
  /// number of this or of the next instruction, where something else was told in between.
  private static List<String> states(List<String> log) {
    List<String> states = new ArrayList<>();
    for (String line : log) {
      if (!STATE.matcher(line).matches()) {
        continue;
      }
      String state = BESIDES.matcher(line).replaceAll("").replaceAll("\\s+", " ").strip();
      boolean alone = ALONE.matcher(state).matches();
      if (alone && !states.isEmpty() && INSTRUCTION.matcher(states.getLast()).matches()) {
        String known = state.substring(state.indexOf(':') + 1);
        states.set(states.size() - 1, states.getLast() + " ;" + known);
      } else {
        states.add(state);
      }
    }
    return states;
  }

  @Override
  public void close() {
    linux.close();
  }
}
