package org.ebpf4j.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.ebpf4j.testkit.SavedCase;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Programs that once showed a fault show none any more.
class SavedCasesTest {
  private static final Path CASES = Path.of("src/test/resources/org/ebpf4j/conformance/cases");

  static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void getsItsVerdict(Path file) throws IOException {
    SavedCase saved = SavedCase.parse(Files.readString(file));
    Verdict verdict =
        Verifier.verify(
            saved.program().program(), saved.program().collection(), VerifierOptions.DEFAULT);
    String said =
        switch (verdict) {
          case Verdict.Accepted accepted -> "accepted";
          case Verdict.Refused refused -> refused.diagnosis().message();
          case Verdict.NotJudged notJudged -> "not judged: " + notJudged.reason();
        };
    assertThat(said).isEqualTo(saved.expected());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void holdsInTheInterpreterAndCompiled(Path file) throws IOException {
    SavedCase saved = SavedCase.parse(Files.readString(file));
    Tally tally = new Tally();
    try (Check soundness = new SoundnessCheck();
        Check facts = new FactsCheck();
        Check engines = new EngineCheck()) {
      soundness.check(saved.program(), tally);
      facts.check(saved.program(), tally);
      engines.check(saved.program(), tally);
    }
    assertThat(tally.findings()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void printsAsTextThatGivesItBack(Path file) throws IOException {
    SavedCase saved = SavedCase.parse(Files.readString(file));
    SavedCase again = SavedCase.parse(saved.print());
    assertThat(again.program().program()).isEqualTo(saved.program().program());
    assertThat(again.expected()).isEqualTo(saved.expected());
  }
}
