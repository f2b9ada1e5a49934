package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.testkit.InstructionMutator;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierLimits;
import org.ebpf4j.verifier.VerifierOptions;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.explain.Explanation;
import org.ebpf4j.verifier.internal.explain.PathRecorder;
import org.ebpf4j.verifier.internal.explore.Explorer;
import org.ebpf4j.verifier.internal.explore.MalformedText;
import org.ebpf4j.verifier.internal.explore.MapChecks;
import org.ebpf4j.verifier.internal.explore.TableCalls;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Privileges;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Of a refused program only the path that was refused is walked a second time, to be explained. It
/// must be told as if all had been.
///
/// `-Debpf4j.objects=FOLDER` takes other objects, `-Debpf4j.mutants=N` more changes of each
/// program.
class RetraceTest {
  private static final String FOLDER =
      System.getProperty("ebpf4j.objects", Path.of("programs").toString());
  private static final int MUTANTS = Integer.getInteger("ebpf4j.mutants", 8);
  private static final VerifierOptions OPTIONS =
      VerifierOptions.DEFAULT
          .withCpus(2)
          .withKernelTypes(LinuxTypes.shipped())
          .withLimits(new VerifierLimits(50_000, 1L << 28));

  private static int compared;

  static List<Path> objects() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(FOLDER))) {
      return files.filter(file -> file.toString().endsWith(".o")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("objects")
  void onePathTellsWhatAllTell(Path object) {
    CollectionSpec collection = LinuxTypes.configured(CollectionReader.read(object));
    List<String> maps = new ArrayList<>(collection.maps().keySet());
    for (ProgramSpec program : collection.programs().values()) {
      check(program, collection, program.name());
      for (int seed = 0; seed < MUTANTS; seed++) {
        InstructionMutator.Mutant mutant = new InstructionMutator(seed).mutate(program, maps);
        check(
            mutant.program(),
            collection,
            "%s, seed %d, instruction %d".formatted(program.name(), seed, mutant.slot()));
      }
    }
  }

  @AfterAll
  static void someWereRefused() {
    assertThat(compared).isPositive();
  }

  private static void check(ProgramSpec program, CollectionSpec collection, String what) {
    if (Verifier.verify(program, collection, OPTIONS)
        instanceof Verdict.Refused(Diagnosis diagnosis, long processed)) {
      whole(program, collection)
          .ifPresent(expected -> {
            assertThat(diagnosis).as(what).isEqualTo(expected);
            compared++;
          });
    }
  }

  /// The diagnosis of a walk that remembers every path.
  ///
  /// @return nothing if the program was refused before it was walked
  private static Optional<Diagnosis> whole(ProgramSpec program, CollectionSpec collection) {
    ProgramCode code;
    Rules rules;
    ControlFlow flow;
    try {
      code = new ProgramCode(program);
      rules = new Rules(program, collection, OPTIONS);
      Privileges.check(code, rules);
      MapChecks.check(code, rules);
      MalformedText.checkAll(code);
      flow = new ControlFlow(code, new TableCalls(code, rules));
    } catch (Refusal unwalked) {
      return Optional.empty();
    }
    PathRecorder recorder = new PathRecorder();
    Explorer explorer = new Explorer(code, flow, rules, false, recorder);
    try {
      explorer.explore();
    } catch (Refusal refusal) {
      return Optional.of(new Explanation(code, rules).of(explorer, recorder, refusal));
    }
    throw new AssertionError("refused at first, and not when walked again: " + program.name());
  }
}
