package org.ebpf4j.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// The kernel's own verifier tests, judged and compared with the kernel's verdicts. Set
/// `ebpf4j.corpus` to the folder of objects and `ebpf4j.verdicts` to the file of verdicts; the
/// kernel's types are read from `ebpf4j.kernel-btf`, by default the running kernel's.
class CorpusAgreementTest {
  @Test
  void acceptsNothingThatTheKernelRefuses() throws IOException {
    List<CorpusAgreement.Result> results = results("ebpf4j.verdicts", false);
    assertThat(results)
        .filteredOn(r -> r.expected().equals("reject") && r.ours().equals("accept"))
        .isEmpty();
    assertThat(results).filteredOn(r -> r.expected().equals("reject") && !r.sameErrno()).isEmpty();
  }

  /// `conformance/corpus/unprivileged-6.18.jsonl` says what Linux does without any capability.
  @Test
  void judgesTheUnprivilegedAlike() throws IOException {
    List<CorpusAgreement.Result> results = results("ebpf4j.unprivileged", true);
    assertThat(results).filteredOn(r -> !r.expected().equals(r.ours())).isEmpty();
    assertThat(results)
        .filteredOn(r -> r.expected().equals("reject") && !r.sameMessage())
        .isEmpty();
  }

  private static List<CorpusAgreement.Result> results(String property, boolean unprivileged)
      throws IOException {
    String folder = System.getProperty("ebpf4j.corpus", "");
    String verdicts = System.getProperty(property, "");
    Assumptions.assumeFalse(
        folder.isEmpty() || verdicts.isEmpty(), "ebpf4j.corpus and " + property + " are not set");
    Path types = Path.of(System.getProperty("ebpf4j.kernel-btf", "/sys/kernel/btf/vmlinux"));
    Optional<Btf> kernel =
        Files.isReadable(types)
            ? Optional.of(BtfReader.read("vmlinux", Files.readAllBytes(types)))
            : Optional.empty();
    List<CorpusAgreement.Result> results =
        new CorpusAgreement(Path.of(folder), kernel, unprivileged).run(Path.of(verdicts));
    CorpusAgreement.print(results, System.out);
    assertThat(results).isNotEmpty();
    return results;
  }
}
