package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `ebpf prog dump file`.
class ObjectDumpTest {
  /// Until a program is loaded its instructions do not say which map they mean.
  @Test
  void namesMapsAndVariablesAndHelpers() {
    Invocation dump =
        Invocation.of("prog", "dump", "file", Invocation.example("firewall/firewall.bpf.o"));
    assertThat(dump.code()).isZero();
    assertThat(dump.out())
        .contains("firewall:\n", " # map ports\n", " # map .rodata, value + 0x", " # bpf_map_");
  }
}
