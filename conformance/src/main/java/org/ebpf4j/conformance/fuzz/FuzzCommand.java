package org.ebpf4j.conformance.fuzz;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.ebpf4j.testkit.HostilePrograms;
import org.ebpf4j.testkit.ProgramGenerator;
import org.ebpf4j.testkit.RangePrograms;
import org.ebpf4j.testkit.SavedCase;
import org.ebpf4j.testkit.Settings;
import org.ebpf4j.testkit.Shrinker;
import org.ebpf4j.testkit.TailCalls;
import org.ebpf4j.testkit.TestProgram;

/// The long form of the checks, for a shell: `fuzz.sh CHECK [NAME=VALUE]...`.
public final class FuzzCommand {
  private static final String USAGE =
      """
      usage: fuzz.sh soundness|facts|kernel|ranges|engines|unproven|tailcalls|hostile|mutants [from=SEED] [count=PROGRAMS] [threads=N] [wrong=PERMILLE]
                 [statements=N] [seconds=N] [findings=N] [causes=N] [forms=yes]
        soundness  accepted programs do nothing wrong in the checked interpreter
        facts      and what the verifier says of their registers holds at every step
        kernel     verdicts and results are those of this machine's Linux (needs root)
        ranges     and what it knows of numbers on the way is what Linux knows (needs root)
        engines    compiled programs do what they do in the interpreter
        unproven   and so do all when nothing is proven and every access checked
        tailcalls  and so do programs that go on in one another
        hostile    and so do calls of any helper and kernel function with any arguments
        mutants    spoilt programs get a verdict or a clear error, and do no harm
      Seeds that were done need not be done again: go on with from=.\
      """;

  private FuzzCommand() {}

  public static void main(String[] arguments) {
    if (arguments.length == 0) {
      System.err.println(USAGE);
      System.exit(2);
    }
    Map<String, String> options = new HashMap<>();
    for (String argument : List.of(arguments).subList(1, arguments.length)) {
      String[] parts = argument.split("=", 2);
      if (parts.length != 2) {
        System.err.println(USAGE);
        System.exit(2);
      }
      options.put(parts[0], parts[1]);
    }
    Supplier<Check> check =
        switch (arguments[0]) {
          case "soundness" -> SoundnessCheck::new;
          case "kernel" -> KernelCheck::new;
          case "ranges" -> RangesCheck::new;
          case "engines" -> EngineCheck::new;
          case "unproven" -> EngineCheck::ofUnproven;
          case "tailcalls" -> TailCallCheck::new;
          case "hostile" -> HostileCheck::new;
          case "facts" -> FactsCheck::new;
          case "mutants" -> MutantsCheck::new;
          default -> {
            System.err.println(USAGE);
            System.exit(2);
            yield SoundnessCheck::new;
          }
        };
    Settings settings =
        Settings.DEFAULT
            .withWrongPerMille((int) number(options, "wrong", Settings.DEFAULT.wrongPerMille()))
            .withStatements((int) number(options, "statements", Settings.DEFAULT.statements()));
    LongFunction<TestProgram> programs =
        switch (arguments[0]) {
          case "ranges" -> RangePrograms::generate;
          case "tailcalls" -> seed -> TailCalls.generate(seed, settings);
          case "hostile" -> HostilePrograms::generate;
          default -> seed -> ProgramGenerator.generate(seed, settings);
        };
    System.exit(run(programs, check, options) ? 0 : 1);
  }

  private static boolean run(
      LongFunction<TestProgram> programs, Supplier<Check> check, Map<String, String> options) {
    long from = number(options, "from", 0);
    long count = number(options, "count", 10_000);
    int threads = (int) number(options, "threads", Runtime.getRuntime().availableProcessors());
    long start = System.nanoTime();
    Tally tally =
        new Fuzz(programs, check, threads)
            .run(
                from,
                from + count - 1,
                (int) number(options, "findings", 20),
                number(options, "seconds", 1L << 30));
    double seconds = (System.nanoTime() - start) / 1e9;
    tally.findings().forEach(System.out::println);
    tally.reasons().forEach(System.out::println);
    if (options.containsKey("shrink")) {
      shrink(tally, programs, check);
    }
    tally.causes((int) number(options, "causes", 0)).forEach(System.out::println);
    if (options.containsKey("forms")) {
      tally
          .forms()
          .forEach((form, having) -> System.out.printf(Locale.ROOT, "%8d  %s%n", having, form));
    }
    System.out.printf(
        Locale.ROOT,
        "%s; %.0f s, %.0f programs a second; seeds from %d%n",
        tally.summary(),
        seconds,
        tally.programs() / seconds,
        from);
    return tally.findings().isEmpty();
  }

  /// Prints the smallest program that shows each finding.
  private static void shrink(
      Tally tally, LongFunction<TestProgram> programs, Supplier<Check> checks) {
    try (Check check = checks.get()) {
      for (Finding finding : tally.findings()) {
        TestProgram small =
            Shrinker.shrink(
                programs.apply(finding.seed()), program -> shows(check, program, finding));
        System.out.println(finding);
        System.out.println(new SavedCase(finding.toString(), "?", small).print());
      }
    }
  }

  private static boolean shows(Check check, TestProgram program, Finding finding) {
    Tally tally = new Tally();
    check.check(program, tally);
    return tally.findings().stream()
        .anyMatch(found ->
            found.kind() == finding.kind()
                && general(found.detail()).equals(general(finding.detail())));
  }

  private static String general(String detail) {
    return detail.replaceAll("0x[0-9a-f]+|-?\\d+", "N");
  }

  private static long number(Map<String, String> options, String name, long otherwise) {
    return options.containsKey(name) ? Long.parseLong(options.get(name)) : otherwise;
  }
}
