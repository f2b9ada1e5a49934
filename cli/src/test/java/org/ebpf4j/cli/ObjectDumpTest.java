package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /// As a word, as programs in Linux are dumped, or as an option.
  @ParameterizedTest
  @ValueSource(strings = {"opcodes", "--opcodes"})
  void showsTheEncodingBehindTheNumber(String opcodes) {
    Invocation dump =
        Invocation.of(
            "prog", "dump", "file", Invocation.example("firewall/firewall.bpf.o"), opcodes);
    assertThat(dump.out()).containsPattern("\n {7}0:\t([0-9a-f]{2} ){7}[0-9a-f]{2}\t");
  }

  @Test
  void hasTheSameAsJson() {
    Path object = Invocation.example("firewall/firewall.bpf.o");
    Invocation dump = Invocation.of("prog", "dump", "file", object, "opcodes", "--json");
    SchemaTest.check(dump.out(), "prog-dump-file");
    assertThat(dump.out())
        .contains("{\"name\":\"firewall\",\"insns\":[{\"insn\":0,\"function\":\"firewall\",")
        .contains("# map ports\"", "\"opcodes\":\"9500000000000000\"");
    Invocation compiled = Invocation.of("prog", "dump", "jited", "file", object, "--json");
    assertThat(compiled.code()).isEqualTo(2);
    assertThat(compiled.err()).contains("no JSON");
  }
}
