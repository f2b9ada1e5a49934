package org.ebpf4j.conformance.fuzz;

import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.testkit.TestProgram;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierLimits;
import org.ebpf4j.verifier.VerifierOptions;

/// No program that the verifier accepts does, in the checked interpreter, what no program may:
/// touch memory that is not its own, call with wrong arguments, end with something held, or go on
/// for ever.
public final class SoundnessCheck implements Check {
  /// What generated programs hardly ever come near.
  static final long MOST_INSTRUCTIONS = 20_000_000;

  /// What they come nowhere near: those that leave out the bound of a number of rounds have
  /// `bpf_loop` go up to 8,388,608 of them, which Linux takes too, and which end.
  private static final long MOST_OF_LONG_RUNS = 1_000_000_000;

  /// Fewer instructions than Linux takes: what needs more says nothing new, and costs a minute.
  private static final VerifierOptions OPTIONS =
      VerifierOptions.DEFAULT
          .withCpus(1)
          .withKernelTypes(LinuxTypes.shipped())
          .withLimits(new VerifierLimits(100_000, 1L << 28));

  /// Characters of a crash's stack trace that are told.
  private static final int LONGEST_TRACE = 300;

  private static final int LONGEST_PACKET = 4096;
  private static final long SLOW_NANOS = 20_000_000_000L;

  private final JvmHost host = newHost(Engine.INTERPRETER);

  /// A host that answers the same every time.
  static JvmHost newHost(Engine engine) {
    return newHost(engine, MOST_INSTRUCTIONS);
  }

  /// @param instructions that one run may execute
  static JvmHost newHost(Engine engine, long instructions) {
    return JvmHost.builder()
        .cpus(1)
        .engine(engine)
        .kernelTypes(LinuxTypes.shipped())
        .environment(FixedEnvironment.builder().seed(1).build())
        .limits(Limits.defaults().withInstructions(instructions).withPacketBytes(LONGEST_PACKET))
        .build();
  }

  /// What the verifier says; empty, and noted, if it fell over.
  static Optional<Verdict> verdict(TestProgram program, VerifierOptions options, Tally tally) {
    long start = System.nanoTime();
    try {
      Verdict verdict = Verifier.verify(program.program(), program.collection(), options);
      tally.program(program, verdict.instructionsProcessed());
      long nanos = System.nanoTime() - start;
      if (nanos > SLOW_NANOS) {
        tally.found(
            new Finding(
                Finding.Kind.SLOW,
                program.seed(),
                "the verdict took %d ms, %d instructions processed"
                    .formatted(nanos / 1_000_000, verdict.instructionsProcessed())));
      }
      return Optional.of(verdict);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError crash) {
      tally.program(program, 0);
      tally.found(crash(program, crash));
      return Optional.empty();
    }
  }

  static Finding crash(TestProgram program, Throwable crash) {
    StringBuilder at = new StringBuilder();
    for (StackTraceElement element : crash.getStackTrace()) {
      if (element.getClassName().startsWith("org.ebpf4j") && at.length() < LONGEST_TRACE) {
        at.append(" at ").append(element);
      }
    }
    return new Finding(Finding.Kind.CRASH, program.seed(), crash.toString() + at);
  }

  @Override
  public void check(TestProgram program, Tally tally) {
    Optional<Verdict> verdict = verdict(program, OPTIONS, tally);
    switch (verdict.orElse(null)) {
      case Verdict.Accepted accepted -> {
        tally.accepted(program);
        run(program, tally);
      }
      case Verdict.Refused refused -> tally.cause(refused.diagnosis().message());
      case Verdict.NotJudged notJudged -> tally.notJudged(program, notJudged.reason());
      case null -> {
        // Noted.
      }
    }
  }

  private void run(TestProgram program, Tally tally) {
    try {
      Outcome outcome = outcome(host, program);
      if (outcome.fault().filter(fault -> fault.kind() == ProgramFault.Kind.BUDGET).isPresent()) {
        try (JvmHost patient = newHost(Engine.INTERPRETER, MOST_OF_LONG_RUNS)) {
          outcome = outcome(patient, program);
        }
      }
      tally.runs(program.inputs().size());
      outcome
          .fault()
          .map(ProgramFault::getMessage)
          .ifPresent(
              fault -> tally.found(new Finding(Finding.Kind.UNSOUND, program.seed(), fault)));
    } catch (LoadException refused) {
      // A call that is never made may be of a helper that is not there.
      tally.cause("accepted, not loaded: " + refused.summary());
    } catch (RuntimeException | StackOverflowError crash) {
      tally.found(crash(program, crash));
    }
  }

  private static Outcome outcome(JvmHost host, TestProgram program) {
    return Outcome.of(host, program, LoadOptions.defaults().withUnverified(true));
  }

  @Override
  public void close() {
    host.close();
  }
}
