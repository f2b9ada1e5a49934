package org.ebpf4j.conformance.fuzz;

import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.testkit.TestProgram;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.VerifierOptions;

/// The verifier says of every program what this machine's Linux says, and runs of accepted programs
/// do in the interpreter what they do in Linux. Needs root.
public final class KernelCheck implements Check {
  private static final int LOADS = 3;

  private final LinuxHost linux = LinuxHost.open();
  private final JvmHost jvm = SoundnessCheck.newHost(Engine.INTERPRETER);
  private final VerifierOptions options;

  public KernelCheck() {
    Btf types = linux.kernelTypes();
    options = VerifierOptions.DEFAULT.withCpus(linux.cpus()).withKernelTypes(types);
  }

  /// Whether Linux 6.18.44 may stop with an oops (in `check_stack_access_within_bounds`): for
  /// `number += pointer` it does not keep whose stack the pointer is to. Seed 626 is one.
  private static boolean mayCrashLinux(TestProgram program) {
    return program.forms().contains("ADD64 number, STACK")
        && program.forms().contains("CALL function");
  }

  @Override
  public void check(TestProgram program, Tally tally) {
    if (mayCrashLinux(program)) {
      tally.cause("not asked: Linux may crash");
      return;
    }
    Optional<Verdict> verdict = SoundnessCheck.verdict(program, options, tally);
    if (verdict.isEmpty()) {
      return;
    }
    if (verdict.get() instanceof Verdict.NotJudged(String reason, long processed)) {
      tally.notJudged(program, reason);
      return;
    }
    String ours =
        verdict.get() instanceof Verdict.Refused refused ? refused.diagnosis().message() : "";
    String theirs = kernel(program);
    if (ours.isEmpty()) {
      tally.accepted(program);
    }
    if (theirs.startsWith("verifier bug:")) {
      tally.cause("Linux fails itself: " + theirs);
    } else if (ours.isEmpty() != theirs.isEmpty()) {
      tally.cause(
          "%s, Linux: %s"
              .formatted(
                  ours.isEmpty() ? "accepted" : ours, theirs.isEmpty() ? "accepted" : theirs));
      tally.found(
          new Finding(
              Finding.Kind.OTHER_VERDICT,
              program.seed(),
              ours.isEmpty() ? "Linux refuses: " + theirs : "Linux accepts: " + ours));
    } else if (ours.isEmpty()) {
      compare(program, tally);
    } else {
      tally.cause(ours.equals(theirs) ? "both: " + ours : ours + " | Linux: " + theirs);
    }
  }

  /// Linux's reason to refuse, "" if it accepts.
  private String kernel(TestProgram program) {
    try (VerdictSession session =
        linux.verdicts(program.collection(), LoadOptions.defaults(), LinuxLoadOptions.defaults())) {
      return switch (session.verdict(TestProgram.NAME, 0, 1)) {
        case org.ebpf4j.linux.Verdict.Accepted accepted -> "";
        case org.ebpf4j.linux.Verdict.Refused refused ->
            refused.reason().isEmpty() ? refused.errno().toString() : refused.reason();
      };
    } catch (LoadException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  private void compare(TestProgram program, Tally tally) {
    LoadOptions unverified = LoadOptions.defaults().withUnverified(true);
    try {
      Outcome ours = Outcome.of(jvm, program, unverified);
      Outcome theirs = Outcome.of(linux, program, LoadOptions.defaults());
      tally.runs(program.inputs().size());
      if (ours.lines().equals(theirs.lines())) {
        return;
      }
      // What shows addresses differs from load to load, and says nothing.
      if (ours.dependsOnAddresses(program, SoundnessCheck.MOST_INSTRUCTIONS)
          || dependsInLinux(program, theirs)) {
        tally.cause("results that show addresses");
        return;
      }
      tally.found(
          new Finding(Finding.Kind.OTHER_RESULT, program.seed(), Outcome.difference(ours, theirs)));
    } catch (LoadException refused) {
      // Unverified, a call that is never made may be of a helper that the type does not have.
      tally.cause("accepted, not loaded: " + refused.summary());
    } catch (RuntimeException crash) {
      tally.found(SoundnessCheck.crash(program, crash));
    }
  }

  /// Whether Linux gives something else when it loads the program anew. An address may happen to be
  /// the same a few times.
  private boolean dependsInLinux(TestProgram program, Outcome first) {
    for (int i = 0; i < LOADS; i++) {
      if (!first
          .lines()
          .equals(Outcome.elsewhere(linux, program, LoadOptions.defaults()).lines())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    jvm.close();
    linux.close();
  }
}
