package org.ebpf4j.conformance.fuzz;

import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.testkit.Mutator;
import org.ebpf4j.testkit.TestProgram;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.VerifierLimits;
import org.ebpf4j.verifier.VerifierOptions;

/// Spoilt programs get a verdict or a clear error from the verifier and from the host, and do no
/// harm when they run unverified.
public final class MutantsCheck implements Check {
  private static final int MUTANTS = 10;
  private static final long MOST_INSTRUCTIONS = 200_000;
  private static final VerifierOptions OPTIONS =
      VerifierOptions.DEFAULT
          .withCpus(1)
          .withKernelTypes(LinuxTypes.shipped())
          .withLimits(new VerifierLimits(20_000, 1L << 27));

  private final JvmHost host = SoundnessCheck.newHost(Engine.INTERPRETER, MOST_INSTRUCTIONS);

  @Override
  public void check(TestProgram program, Tally tally) {
    Mutator mutator = new Mutator(program.seed());
    for (int i = 0; i < MUTANTS; i++) {
      TestProgram mutant = mutator.mutate(program);
      Optional<Verdict> verdict = SoundnessCheck.verdict(mutant, OPTIONS, tally);
      verdict.ifPresent(said -> {
        switch (said) {
          case Verdict.Accepted accepted -> tally.accepted(mutant);
          case Verdict.Refused refused -> tally.cause(refused.diagnosis().message());
          case Verdict.NotJudged notJudged -> tally.notJudged(mutant, notJudged.reason());
        }
      });
      run(mutant, verdict, tally);
    }
  }

  private void run(TestProgram mutant, Optional<Verdict> verdict, Tally tally) {
    try {
      Outcome outcome = Outcome.of(host, mutant, LoadOptions.defaults().withUnverified(true));
      tally.runs(mutant.inputs().size());
      if (verdict.orElse(null) instanceof Verdict.Accepted
          && outcome.fault().filter(MutantsCheck::counts).isPresent()) {
        tally.found(
            new Finding(
                Finding.Kind.UNSOUND,
                mutant.seed(),
                String.valueOf(outcome.fault().get().getMessage())));
      }
    } catch (LoadException | MapException refused) {
      tally.cause("not loaded: " + refused.getMessage());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError crash) {
      tally.found(SoundnessCheck.crash(mutant, crash));
    }
  }

  /// A proven program may well need more than a run is given here.
  private static boolean counts(ProgramFault fault) {
    return fault.kind() != ProgramFault.Kind.BUDGET;
  }

  @Override
  public void close() {
    host.close();
  }
}
