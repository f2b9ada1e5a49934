package org.ebpf4j.conformance.fuzz;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.testkit.TestProgram;

/// What a number of checks saw. For one thread; tallies of several are added up.
public final class Tally {
  private static final int MOST_NOT_JUDGED = 20;

  private final List<Finding> findings = new ArrayList<>();
  private final List<String> reasons = new ArrayList<>();
  private final Map<String, Long> forms = new HashMap<>();
  private final Map<String, Long> causes = new HashMap<>();
  private long programs;
  private long accepted;
  private long notJudged;
  private long runs;
  private long slots;
  private long processed;

  void program(TestProgram program, long instructionsProcessed) {
    programs++;
    slots += program.program().bytecode().size();
    processed += instructionsProcessed;
  }

  void accepted(TestProgram program) {
    accepted++;
    program.forms().forEach(form -> forms.merge(form, 1L, Long::sum));
  }

  /// @param reason why there is no verdict
  void notJudged(TestProgram program, String reason) {
    notJudged++;
    addReason("NOT JUDGED seed %d: %s".formatted(program.seed(), reason));
  }

  private void addReason(String reason) {
    if (reasons.size() < MOST_NOT_JUDGED) {
      reasons.add(reason);
    }
  }

  void runs(int count) {
    runs += count;
  }

  /// Counts a cause, such as a verifier's message; numbers in it do not count.
  void cause(String text) {
    causes.merge(text.replaceAll("0x[0-9a-f]+|-?\\d+", "N"), 1L, Long::sum);
  }

  void found(Finding finding) {
    findings.add(finding);
  }

  void add(Tally other) {
    findings.addAll(other.findings);
    other.reasons.forEach(this::addReason);
    other.forms.forEach((form, count) -> forms.merge(form, count, Long::sum));
    other.causes.forEach((cause, count) -> causes.merge(cause, count, Long::sum));
    programs += other.programs;
    accepted += other.accepted;
    notJudged += other.notJudged;
    runs += other.runs;
    slots += other.slots;
    processed += other.processed;
  }

  /// What was found, in the order it was.
  public List<Finding> findings() {
    return List.copyOf(findings);
  }

  /// Why some of the programs without a verdict have none, with their seeds.
  public List<String> reasons() {
    return List.copyOf(reasons);
  }

  public long programs() {
    return programs;
  }

  public long accepted() {
    return accepted;
  }

  /// Percent of the programs that were accepted.
  public double acceptance() {
    return programs == 0 ? 0 : 100.0 * accepted / programs;
  }

  /// How many accepted programs had an instruction of each form.
  public Map<String, Long> forms() {
    return Map.copyOf(forms);
  }

  /// The tally in a few lines.
  public String summary() {
    long each = Math.max(1, programs);
    return "%,d programs of %d slots, %.1f %% accepted, %,d not judged; %d instructions processed each; %,d runs; %d forms of instructions in accepted programs; %d findings"
        .formatted(
            programs,
            slots / each,
            acceptance(),
            notJudged,
            processed / each,
            runs,
            forms.size(),
            findings.size());
  }

  /// The causes, the most frequent first, a line each.
  public List<String> causes(int most) {
    return causes.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(most)
        .map(cause -> "%8d  %s".formatted(cause.getValue(), cause.getKey()))
        .toList();
  }
}
