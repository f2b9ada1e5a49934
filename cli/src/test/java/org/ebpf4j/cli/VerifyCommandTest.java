package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `ebpf verify`: verdicts without a kernel.
class VerifyCommandTest {

  @ParameterizedTest
  @ValueSource(strings = {"firewall", "flowtable", "balancer", "synguard", "dnslog", "dispatcher"})
  void theExamplesAreAccepted(String example) {
    Invocation run =
        Invocation.of("verify", Invocation.example(example + "/" + example + ".bpf.o"));
    assertThat(run.out()).contains(": accepted").doesNotContain("refused", "not judged");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
  }

  @Test
  void aRefusalGivesTheKernelsWordsAndTheSourceLine() {
    Path object = Path.of("src/test/resources/unchecked.bpf.o");
    Invocation run = Invocation.of("verify", object);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .contains("R1 offset is outside of the packet", "unchecked.bpf.c:17: return packet[0]");
    assertThat(Invocation.of("verify", "--json", object).out())
        .contains("\"verdict\":\"reject\"", "\"source\":\"./unchecked.bpf.c:17\"");
  }

  @Test
  void jsonHasALineForEachProgram() {
    Invocation run =
        Invocation.of("verify", "--json", Invocation.example("dispatcher/dispatcher.bpf.o"));
    assertThat(run.out().lines())
        .hasSize(5)
        .allSatisfy(line ->
            assertThat(line)
                .contains("\"type\":\"xdp\"", "\"verdict\":\"accept\"", "\"insns_processed\":"));
  }

  @Test
  void whatIsNotJudgedSaysSoAndFails() {
    Invocation run = Invocation.of("verify", Invocation.example("risk/risk.bpf.o"));
    assertThat(run.out()).contains("not judged");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void anUnknownFlagIsAMistakeOfUse() {
    Invocation run =
        Invocation.of(
            "verify", "--flags", "nonsense", Invocation.example("firewall/firewall.bpf.o"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("nonsense");
  }
}
