package org.ebpf4j.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxAvailability;
import org.ebpf4j.testkit.HostilePrograms;
import org.ebpf4j.testkit.RangePrograms;
import org.ebpf4j.testkit.Settings;
import org.ebpf4j.testkit.TailCalls;
import org.ebpf4j.testkit.TestProgram;
import org.junit.jupiter.api.Test;

/// The short form of the checks: programs of some fixed seeds, and of a fresh one that a failure
/// names. `fuzz.sh` has the long form.
class GeneratedProgramsTest {
  private static final int PROGRAMS = 400;
  private static final long FRESH = ThreadLocalRandom.current().nextLong(1L << 40);

  private static void check(Supplier<Check> checks, int programs) {
    for (long first : new long[] {0, FRESH}) {
      Tally tally =
          new Fuzz(Settings.DEFAULT, checks, 1).run(first, first + programs - 1, 1, 1L << 20);
      System.out.printf("seeds from %d: %s%n", first, tally.summary());
      assertThat(tally.findings()).isEmpty();
      assertThat(tally.reasons()).as("programs without a verdict").isEmpty();
      assertThat(tally.acceptance()).as("accepted, in percent").isGreaterThan(30);
    }
  }

  @Test
  void whatTheVerifierAcceptsDoesNothingWrong() {
    check(SoundnessCheck::new, PROGRAMS);
  }

  @Test
  void aLoadFromAMapItselfIsJudgedToo() {
    long seed = 130_042_580; // asks what the kernel's struct of a map has there

    Tally tally = new Fuzz(Settings.DEFAULT, SoundnessCheck::new, 1).run(seed, seed, 1, 1L << 20);

    assertThat(tally.reasons()).isEmpty();
    assertThat(tally.findings()).isEmpty();
  }

  @Test
  void whatTheVerifierProvesHolds() {
    check(FactsCheck::new, PROGRAMS / 4);
  }

  @Test
  void whatIsCompiledDoesTheSame() {
    check(EngineCheck::new, PROGRAMS / 4);
  }

  @Test
  void whatIsCompiledWithoutProofDoesTheSame() {
    Tally tally =
        new Fuzz(Settings.DEFAULT, EngineCheck::ofUnproven, 1)
            .run(FRESH, FRESH + PROGRAMS / 4, 1, 1L << 20);
    System.out.printf("seeds from %d: %s%n", FRESH, tally.summary());
    assertThat(tally.findings()).isEmpty();
  }

  @Test
  void whatIsCompiledGoesOnInOtherProgramsAlike() {
    passes(seed -> TailCalls.generate(seed, Settings.DEFAULT), TailCallCheck::new);
  }

  @Test
  void anyCallWithAnyArgumentsGivesAResultOrAFault() {
    passes(HostilePrograms::generate, HostileCheck::new);
  }

  private static void passes(LongFunction<TestProgram> programs, Supplier<Check> check) {
    Tally tally = new Fuzz(programs, check, 1).run(FRESH, FRESH + PROGRAMS / 8, 1, 1L << 20);
    System.out.printf("seeds from %d: %s%n", FRESH, tally.summary());
    assertThat(tally.findings()).isEmpty();
  }

  @Test
  void linuxComputesTheSame() {
    if (LinuxAvailability.probe()
        instanceof LinuxAvailability.Unavailable(Optional<Errno> errno, String reason)) {
      abort(reason);
    }
    Tally tally = new Fuzz(Settings.DEFAULT, KernelCheck::new, 1).run(0, PROGRAMS / 2, 100, 600);
    System.out.println(tally.summary());
    assertThat(tally.findings())
        .filteredOn(finding -> finding.kind() != Finding.Kind.OTHER_VERDICT)
        .isEmpty();
    assertThat(tally.findings()).hasSizeLessThan(PROGRAMS / 50);
  }

  @Test
  void linuxKnowsTheSameOfNumbers() {
    if (LinuxAvailability.probe()
        instanceof LinuxAvailability.Unavailable(Optional<Errno> errno, String reason)) {
      abort(reason);
    }
    Tally tally = new Fuzz(RangePrograms::generate, RangesCheck::new, 1).run(0, PROGRAMS, 100, 600);
    System.out.println(tally.summary());
    assertThat(tally.findings()).isEmpty();
    // A constant that was linked by a sum is copied onto itself, which ends the link.
    long copied = 68_077;
    assertThat(
            new Fuzz(RangePrograms::generate, RangesCheck::new, 1)
                .run(copied, copied, 100, 600)
                .findings())
        .isEmpty();
  }

  @Test
  void theInstructionsOfAcceptedProgramsAreOfManyForms() {
    Tally tally = new Fuzz(Settings.DEFAULT, SoundnessCheck::new, 1).run(0, PROGRAMS, 1, 1L << 20);
    assertThat(tally.forms()).hasSizeGreaterThan(400);
  }
}
