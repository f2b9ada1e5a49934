package org.ebpf4j.cli.verify;

import java.util.List;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.Verdict;

/// Verdicts for people: a line for each program, and a paragraph for one that is refused.
final class VerifyText implements VerifyReport {
  private static final int MOST_BRANCHES = 5;
  private static final int MOST_ORIGINS = 6;

  private final Console console;

  VerifyText(Console console) {
    this.console = console;
  }

  @Override
  public void add(Judged judged) {
    if (judged.subject().isEmpty()) {
      // An object that cannot be read: standard error has the reason.
      return;
    }
    switch (judged.verdict()) {
      case Verdict.Accepted accepted ->
          console.line(
              "%s: accepted (%,d instructions walked, %,d µs)",
              judged.name(), accepted.instructionsProcessed(), judged.micros());
      case Verdict.NotJudged notJudged ->
          console.line("%s: not judged: %s", judged.name(), notJudged.reason());
      case Verdict.Refused refused -> refused(judged, refused.diagnosis());
    }
  }

  @Override
  public void end() {}

  private void refused(Judged judged, Diagnosis diagnosis) {
    console.line("%s: refused: %s", judged.name(), diagnosis.message());
    diagnosis
        .source()
        .ifPresent(line -> console.line("  at %s: %s", line.location(), line.text().strip()));
    // Before the walk, instructions need not be any that could be printed.
    String instruction = diagnosis.instruction();
    console.line(
        "  instruction %d%s", diagnosis.slot(), instruction.isEmpty() ? "" : ": " + instruction);
    diagnosis.suspect().ifPresent(this::suspect);
    branches(diagnosis.path());
    if (!diagnosis.remedy().isEmpty()) {
      console.line("  to pass: %s", diagnosis.remedy());
    }
    judged
        .witness()
        .ifPresent(
            w -> console.line("  it happens with %s: %s", w.description(), w.fault().detail()));
  }

  private void suspect(Diagnosis.Suspect suspect) {
    List<Diagnosis.Origin> origins = last(suspect.origins(), MOST_ORIGINS);
    console.line(
        "  R%d is %s%s", suspect.register(), suspect.value(), origins.isEmpty() ? "" : ":");
    for (Diagnosis.Origin origin : origins) {
      console.line(
          "    %4d: %-32s %s: %s",
          origin.slot(), origin.instruction(), origin.effect(), origin.value());
    }
  }

  /// The last branches: what leads to a fault is mostly near.
  private void branches(List<Diagnosis.Branch> path) {
    if (path.isEmpty()) {
      return;
    }
    console.line(
        "  after %s:",
        path.size() > MOST_BRANCHES
            ? "%,d decisions, at last".formatted(path.size())
            : path.size() == 1 ? "this branch" : "these branches");
    for (Diagnosis.Branch branch : last(path, MOST_BRANCHES)) {
      console.line(
          "    %4d: %-32s %s%s",
          branch.slot(),
          branch.instruction(),
          branch.decision(),
          branch.source().map(line -> ", " + line.location()).orElse(""));
    }
  }

  private static <T> List<T> last(List<T> all, int most) {
    return all.subList(Math.max(0, all.size() - most), all.size());
  }
}
