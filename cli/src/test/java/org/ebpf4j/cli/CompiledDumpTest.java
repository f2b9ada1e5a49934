package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What the JVM host's compiler makes of programs, printed.
class CompiledDumpTest {
  private static final String FIREWALL = "../examples/firewall/firewall.bpf.o";

  @Test
  void showsBytecodeBelowInstructionsAndSourceLines() {
    Invocation dump = Invocation.of("prog", "dump", "jited", "file", FIREWALL);
    assertThat(dump.code()).isZero();
    assertThat(dump.out())
        .startsWith("program firewall")
        .contains("firewall.bpf.c:")
        .contains("exit")
        .contains("lreturn");
  }

  @Test
  void saysWhichProgramsThereAre() {
    Invocation dump = Invocation.of("prog", "dump", "jited", "file", FIREWALL, "--program", "none");
    assertThat(dump.code()).isEqualTo(1);
    assertThat(dump.err()).contains("none");
  }
}
