package org.ebpf4j.verifier;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.explore.Explorer;
import org.ebpf4j.verifier.internal.explore.MapChecks;
import org.ebpf4j.verifier.internal.explore.TableCalls;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Decision;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Proves a program safe by walking all its paths, as the Linux kernel does.
///
/// ```java
/// CollectionSpec collection = CollectionReader.read(Path.of("counter.bpf.o"));
/// ProgramSpec program = collection.program("count").orElseThrow();
/// switch (Verifier.verify(program, collection, VerifierOptions.DEFAULT)) {
///   case Verdict.Accepted accepted -> …
///   case Verdict.Refused(Diagnosis diagnosis, long processed) -> System.err.println(diagnosis);
///   case Verdict.NotJudged(String reason, long processed) -> …
/// }
/// ```
public final class Verifier {
  private Verifier() {}

  /// Judges a program. Programs with CO-RE relocations are relocated before.
  ///
  /// @param collection what the program comes from: its maps, types and license
  public static Verdict verify(
      ProgramSpec program, CollectionSpec collection, VerifierOptions options) {
    Run run = new Run(program);
    try {
      return run.judge(collection, options);
    } catch (Refusal refusal) {
      return run.refused(refusal);
    } catch (NotJudged notJudged) {
      return new Verdict.NotJudged(notJudged.reason(), run.processed());
    }
  }

  /// One program being judged; knows where the walk is when it ends early.
  private static final class Run {
    private final ProgramSpec program;
    private Optional<Explorer> explorer = Optional.empty();

    Run(ProgramSpec program) {
      this.program = program;
    }

    Verdict judge(CollectionSpec collection, VerifierOptions options) {
      if (program.bytecode().size() == 0) {
        throw Refusal.at(0, "the program has no instructions");
      }
      ProgramCode code = new ProgramCode(program);
      Rules rules = new Rules(program, collection, options);
      MapChecks.check(code, rules);
      ControlFlow flow = new ControlFlow(code, new TableCalls(code, rules));
      Explorer walking = new Explorer(code, flow, rules, options.checkpointsEverywhere());
      explorer = Optional.of(walking);
      walking.explore();
      Facts facts = new Facts(code, flow, walking.observed(), walking.longestRun());
      return new Verdict.Accepted(facts, processed());
    }

    long processed() {
      return explorer.map(Explorer::processed).orElse(0L);
    }

    Verdict refused(Refusal refusal) {
      int slot = refusal.slot() >= 0 ? refusal.slot() : explorer.map(Explorer::slot).orElse(0);
      List<String> registers = new ArrayList<>();
      List<Diagnosis.Branch> path = new ArrayList<>();
      explorer.ifPresent(walking -> {
        describe(walking.state(), registers);
        for (Decision d = walking.state().decisions; d != null; d = d.before()) {
          path.add(new Diagnosis.Branch(d.slot(), d.taken(), program.line(d.slot())));
        }
      });
      Collections.reverse(path);
      return new Verdict.Refused(
          new Diagnosis(refusal.reason(), slot, program.line(slot), path, registers), processed());
    }

    private static void describe(VerifierState state, List<String> registers) {
      for (int i = 0; i <= 10; i++) {
        Value value = state.register(i);
        if (value.isInitialized()) {
          registers.add("R" + i + "=" + value);
        }
      }
    }
  }
}
