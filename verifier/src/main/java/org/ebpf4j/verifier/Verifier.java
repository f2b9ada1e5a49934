package org.ebpf4j.verifier;

import java.util.List;
import java.util.function.Consumer;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.explain.Explanation;
import org.ebpf4j.verifier.internal.explain.LogWriter;
import org.ebpf4j.verifier.internal.explain.PathRecorder;
import org.ebpf4j.verifier.internal.explain.StateCollector;
import org.ebpf4j.verifier.internal.explore.Explorer;
import org.ebpf4j.verifier.internal.explore.MalformedText;
import org.ebpf4j.verifier.internal.explore.MapChecks;
import org.ebpf4j.verifier.internal.explore.Observer;
import org.ebpf4j.verifier.internal.explore.Replacement;
import org.ebpf4j.verifier.internal.explore.TableCalls;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Privileges;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.rules.TracedFunction;
import org.jspecify.annotations.Nullable;

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
    Run run = new Run(program, options);
    try {
      return run.judge(collection);
    } catch (Refusal refusal) {
      return run.refused(refusal);
    } catch (NotJudged notJudged) {
      return new Verdict.NotJudged(notJudged.reason(), run.processed());
    }
  }

  /// What is checked before the walk.
  private static ControlFlow prepare(ProgramCode code, Rules rules, VerifierOptions options) {
    Privileges.check(code, rules);
    MapChecks.check(code, rules);
    MalformedText.checkAll(code);
    ControlFlow flow = new ControlFlow(code, new TableCalls(code, rules));
    Replacement.check(code, rules, options);
    return flow;
  }

  /// Walks through a program and writes what the kernel's log at level 2 has: each instruction with
  /// its source line, and what is known of the registers that it used.
  ///
  /// @param out takes the lines, in order
  public static void log(
      ProgramSpec program,
      CollectionSpec collection,
      VerifierOptions options,
      Consumer<String> out) {
    try {
      ProgramCode code = new ProgramCode(program);
      Rules rules = new Rules(program, collection, options);
      ControlFlow flow = prepare(code, rules, options);
      LogWriter writer = new LogWriter(code, rules, flow, out);
      Explorer explorer = new Explorer(code, flow, rules, options.checkpointsEverywhere(), writer);
      writer.start();
      try {
        explorer.explore();
        writer.end(List.of(), explorer.processed());
      } catch (Refusal refusal) {
        writer.end(refusal.lines(), explorer.processed());
      }
    } catch (Refusal refusal) {
      refusal.lines().forEach(out);
    } catch (NotJudged notJudged) {
      out.accept(notJudged.reason());
    }
  }

  /// Walks through a program and tells what was known before each of its instructions; nothing of a
  /// program that is refused, or cannot be judged, for what it is and where it is attached.
  public static List<WalkedInstruction> annotate(
      ProgramSpec program, CollectionSpec collection, VerifierOptions options) {
    ProgramCode code;
    Rules rules;
    try {
      code = new ProgramCode(program);
      rules = new Rules(program, collection, options);
    } catch (Refusal | NotJudged unwalked) {
      return List.of();
    }
    StateCollector collector = new StateCollector(code, rules);
    try {
      ControlFlow flow = prepare(code, rules, options);
      new Explorer(code, flow, rules, options.checkpointsEverywhere(), collector).explore();
    } catch (Refusal | NotJudged end) {
      // What was walked until then is what there is to tell.
      return collector.instructions();
    }
    return collector.instructions();
  }

  /// One program being judged; knows where the walk is when it ends early.
  private static final class Run {
    private final ProgramSpec program;
    private final VerifierOptions options;
    private @Nullable Walked walked;

    /// A walk through a program, and what it goes by.
    private record Walked(ProgramCode code, Rules rules, ControlFlow flow, Explorer explorer) {}

    Run(ProgramSpec program, VerifierOptions options) {
      this.program = program;
      this.options = options;
    }

    Verdict judge(CollectionSpec collection) {
      if (program.bytecode().size() == 0) {
        throw Refusal.at(Errno.E2BIG, 0, "the program has no instructions");
      }
      ProgramCode code = new ProgramCode(program);
      Rules rules = new Rules(program, collection, options);
      ControlFlow flow = prepare(code, rules, options);
      Explorer explorer = explorer(code, flow, rules, null);
      walked = new Walked(code, rules, flow, explorer);
      explorer.explore();
      Facts facts =
          new Facts(
              code,
              flow,
              explorer.observed(),
              explorer.longestRun(),
              rules.tracedFunction().flatMap(TracedFunction::result));
      return new Verdict.Accepted(facts, processed());
    }

    private Explorer explorer(
        ProgramCode code, ControlFlow flow, Rules rules, @Nullable Observer observer) {
      return new Explorer(code, flow, rules, options.checkpointsEverywhere(), observer);
    }

    long processed() {
      return walked == null ? 0 : walked.explorer().processed();
    }

    /// Walks the path that is refused again, and remembers it this time: programs that are accepted
    /// need no memory of their paths.
    Verdict refused(Refusal refusal) {
      if (walked == null) {
        return new Verdict.Refused(Explanation.unwalked(program, refusal), processed());
      }
      PathRecorder recorder = new PathRecorder();
      Explorer again = explorer(walked.code(), walked.flow(), walked.rules(), recorder);
      again.retrace(walked.explorer());
      Explanation explanation = new Explanation(walked.code(), walked.rules());
      return new Verdict.Refused(explanation.of(again, recorder, refusal), processed());
    }
  }
}
