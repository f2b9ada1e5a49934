package org.ebpf4j.conformance.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.conformance.LinuxHosts;
import org.ebpf4j.conformance.verdicts.Comparison;
import org.ebpf4j.conformance.verdicts.Judgement;
import org.ebpf4j.conformance.verdicts.ObjectVerdicts;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.testkit.Chance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Generated C programs, compiled here, get the verdicts that the live kernel gives. The long form
/// is `conformance/sources.sh`.
class GeneratedSourcesTest {
  private static final int WRONG_PER_MILLE = 60;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void areJudgedAsByTheLiveKernel(GeneratedObjects.Kind kind) throws IOException {
    try (LinuxHost host = LinuxHosts.open()) {
      assumeTrue(
          System.getProperty("os.version").startsWith("6.18."),
          "verdicts are those of Linux 6.18, and this is " + System.getProperty("os.version"));
      ObjectVerdicts both = new ObjectVerdicts(0);
      for (long seed = 1; seed <= 3; seed++) {
        both.compareWithKernel(host, objects(kind, host.kernelTypes()).make(seed, 20));
      }
      List<Comparison> judged =
          both.comparisons().stream()
              .filter(one -> one.kernel().isVerdict() && !SourceCommand.isKernelFault(one.kernel()))
              .toList();
      assertThat(judged).allMatch(Comparison::agrees);
      assertThat(judged.stream().map(one -> one.ours().verdict()))
          .contains(Judgement.ACCEPT, Judgement.REJECT);
    }
  }

  private GeneratedObjects objects(GeneratedObjects.Kind kind, Btf types) throws IOException {
    return switch (GeneratedObjects.find(kind, folder, types, WRONG_PER_MILLE)) {
      case GeneratedObjects.Found.Ready(GeneratedObjects objects) -> objects;
      case GeneratedObjects.Found.Missing(String reason) -> abort(reason);
    };
  }

  @Test
  void comeFromTheirSeedAlone() {
    for (Sources sources : both()) {
      assertThat(sources.program(new Chance(7), "p"))
          .isEqualTo(sources.program(new Chance(7), "p"))
          .isNotEqualTo(sources.program(new Chance(8), "p"));
    }
  }

  /// Whatever is chosen, nothing of the rules' own signs is left.
  @Test
  void areCompletelyWritten() {
    for (Sources sources : both()) {
      for (long seed = 0; seed < 2000; seed++) {
        assertThat(sources.program(new Chance(seed), "p")).doesNotContain("{|", "|}", "@", "$");
      }
    }
  }

  private static List<Sources> both() {
    return List.of(
        new StatementSources(WRONG_PER_MILLE), new CallSources(WRONG_PER_MILLE, name -> true));
  }
}
