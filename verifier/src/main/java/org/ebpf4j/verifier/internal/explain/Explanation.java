package org.ebpf4j.verifier.internal.explain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Register;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.explore.Explorer;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Value;

/// Makes a diagnosis of a refusal and the path to it.
public final class Explanation {
  private static final Pattern REGISTER = Pattern.compile("\\bR(\\d+)\\b");

  /// Arguments by number: from 0, but those of helpers.
  private static final Pattern ARGUMENT =
      Pattern.compile("\\b(args? ?#|trusted arg|helper arg)(\\d)\\b");

  /// Steps of the path that a diagnosis keeps: the end of a long one.
  private static final int MOST_STEPS = 2_000;

  private static final Value[] NOTHING_SPILLED = {};
  private static final Value[] NOTHING_KNOWN = new Value[11];

  static {
    Arrays.fill(NOTHING_KNOWN, Value.UNINITIALIZED);
  }

  private final ProgramSpec program;
  private final ProgramCode code;
  private final Rules rules;
  private final InstructionText text;

  public Explanation(ProgramCode code, Rules rules) {
    this.program = code.program();
    this.code = code;
    this.rules = rules;
    this.text = new InstructionText(code, rules);
  }

  /// A diagnosis of what was found before any path was walked.
  public static Diagnosis unwalked(ProgramSpec program, Refusal refusal) {
    int slot = Math.max(0, refusal.slot());
    Remedies.Advice advice = Remedies.on(refusal.reason(), word -> Optional.empty());
    return new Diagnosis(
        refusal.reason(),
        refusal.errno(),
        advice.fault(),
        slot,
        "",
        program.line(slot),
        List.of(),
        List.of(),
        Optional.empty(),
        List.of(),
        advice.remedy());
  }

  /// A diagnosis of a walk that a [PathRecorder] followed and that ended with a refusal.
  public Diagnosis of(Explorer walked, PathRecorder recorder, Refusal refusal) {
    List<Step> steps = PathRecorder.path(walked.state());
    if (steps.isEmpty() || steps.getLast().slot() != walked.slot()) {
      // The refusal came before the instruction: the state is still as it was before.
      recorder.before(walked.state(), walked.slot());
      steps = PathRecorder.path(walked.state());
    }
    Step last = steps.getLast();
    int slot = refusal.slot() >= 0 ? refusal.slot() : walked.slot();
    if (slot != last.slot()) {
      // What is refused for the whole program is refused on no path.
      steps = List.of();
      last = new Step(slot, 0, NOTHING_KNOWN, NOTHING_SPILLED, null);
    }
    OptionalInt register = steps.isEmpty() ? OptionalInt.empty() : suspect(refusal, slot);
    List<Diagnosis.Origin> origins =
        register.isPresent()
            ? new Provenance(code, text, steps).of(register.getAsInt())
            : List.of();
    Measures measures =
        new Measures(code, rules, text, walked.state(), last, register, origins, refusal.detail());
    Remedies.Advice advice = Remedies.on(refusal.reason(), measures::get);
    Optional<Diagnosis.Suspect> suspect =
        register.isPresent()
            ? Optional.of(
                new Diagnosis.Suspect(
                    register.getAsInt(),
                    ValueWords.of(last.registers()[register.getAsInt()]),
                    origins))
            : Optional.empty();
    return new Diagnosis(
        refusal.reason(),
        refusal.errno(),
        advice.fault(),
        slot,
        code.at(slot) == null ? "" : text.at(slot),
        program.line(slot),
        branches(steps),
        steps(steps),
        suspect,
        known(last),
        advice.remedy());
  }

  /// The register that the refusal blames, or its reason speaks of, else the one that a load or
  /// store goes through.
  private OptionalInt suspect(Refusal refusal, int slot) {
    if (refusal.register().isPresent()) {
      return refusal.register();
    }
    Matcher matcher = REGISTER.matcher(refusal.reason());
    if (matcher.find() && Integer.parseInt(matcher.group(1)) <= 10) {
      return OptionalInt.of(Integer.parseInt(matcher.group(1)));
    }
    Matcher argument = ARGUMENT.matcher(refusal.reason());
    if (argument.find()) {
      boolean fromOne = argument.group(1).startsWith("helper");
      int register = Integer.parseInt(argument.group(2)) + (fromOne ? 0 : 1);
      return register >= 1 && register <= 5 ? OptionalInt.of(register) : OptionalInt.empty();
    }
    if (refusal.errno() == Errno.E2BIG || refusal.errno() == Errno.ENOMEM) {
      return OptionalInt.empty(); // the program is too much, wherever the walk ended
    }
    Optional<Register> base =
        switch (code.at(slot)) {
          case Instruction.Load i -> Optional.of(i.src());
          case Instruction.Store i -> Optional.of(i.dst());
          case Instruction.Atomic i -> Optional.of(i.dst());
          case Instruction.LoadAcquire i -> Optional.of(i.src());
          case Instruction.StoreRelease i -> Optional.of(i.dst());
          case null, default -> Optional.empty();
        };
    return base.isPresent() ? OptionalInt.of(base.get().number()) : OptionalInt.empty();
  }

  /// A way that a path goes at a jump.
  private record Decision(int slot, boolean taken) {}

  /// The decisions of a path, each once, where it was made last: those of a loop's rounds would
  /// bury the others.
  private List<Diagnosis.Branch> branches(List<Step> steps) {
    SequencedMap<Decision, Integer> decisions = new LinkedHashMap<>();
    for (int i = 0; i + 1 < steps.size(); i++) {
      int slot = steps.get(i).slot();
      if (code.at(slot) instanceof Instruction.Jump jump) {
        boolean taken = steps.get(i + 1).slot() == slot + 1 + jump.offset();
        Decision decision = new Decision(slot, taken);
        decisions.putLast(decision, decisions.getOrDefault(decision, 0) + 1);
      }
    }
    List<Diagnosis.Branch> branches = new ArrayList<>();
    decisions.forEach((decision, times) ->
        branches.add(
            new Diagnosis.Branch(
                decision.slot(),
                text.at(decision.slot()),
                decision.taken(),
                times,
                program.line(decision.slot()))));
    return branches;
  }

  private static List<Diagnosis.Step> steps(List<Step> steps) {
    List<Diagnosis.Step> result = new ArrayList<>();
    int first = Math.max(0, steps.size() - MOST_STEPS);
    for (Step step : steps.subList(first, steps.size())) {
      result.add(new Diagnosis.Step(step.slot(), step.depth(), known(step)));
    }
    return result;
  }

  private static List<String> known(Step step) {
    List<String> known = new ArrayList<>();
    for (int i = 0; i <= 10; i++) {
      Value value = step.registers()[i];
      if (value.isInitialized()) {
        known.add("R" + i + "=" + value);
      }
    }
    return known;
  }
}
