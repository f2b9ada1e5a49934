package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ebpf4j.conformance.verdicts.Judgement;
import org.ebpf4j.conformance.verdicts.OwnVerdicts;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.VerifierOptions;
import org.junit.jupiter.api.Test;

/// Judges the programs of `programs/`, one and more of each family of rules, with no kernel at
/// hand: the verdicts, reasons and lengths of the walks are those that Linux 6.18 gave.
class VerifierProgramsTest {
  private static final Path PROGRAMS = Path.of("programs");

  @Test
  void judgesEveryProgramAsLinuxDid() throws IOException {
    List<String> differences = new ArrayList<>();
    int judged = 0;
    for (Map.Entry<String, List<CorpusRow>> object :
        Corpus.read(PROGRAMS.resolve("verdicts.jsonl")).entrySet()) {
      CollectionSpec collection = CollectionReader.read(PROGRAMS.resolve(object.getKey()));
      OwnVerdicts verdicts =
          new OwnVerdicts(
              LinuxTypes.configured(collection),
              VerifierOptions.DEFAULT.withKernelTypes(LinuxTypes.shipped()),
              0);
      for (CorpusRow row : object.getValue()) {
        judged++;
        Judgement ours = verdicts.of(collection.program(row.program()).orElseThrow());
        boolean refused = row.kernel() == CorpusRow.Kernel.REJECT;
        Judgement expected =
            new Judgement(
                refused ? Judgement.REJECT : Judgement.ACCEPT,
                row.kernelMessage().orElse(""),
                row.errno(),
                ours.processed(),
                0);
        if (!ours.equals(expected)) {
          differences.add(row + ": " + ours);
        }
        if (ours.processed() > row.processed() * 11L / 10 + 1) {
          differences.add(
              "%s: walked %d instructions, the kernel %d"
                  .formatted(row, ours.processed(), row.processed()));
        }
      }
    }
    assertThat(differences).isEmpty();
    assertThat(judged).as("programs of the folder that have a verdict").isEqualTo(programs());
  }

  private static int programs() throws IOException {
    int programs = 0;
    try (DirectoryStream<Path> objects = Files.newDirectoryStream(PROGRAMS, "*.bpf.o")) {
      for (Path object : objects) {
        programs += CollectionReader.read(object).programs().size();
      }
    }
    return programs;
  }
}
