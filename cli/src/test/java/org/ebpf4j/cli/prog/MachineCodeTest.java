package org.ebpf4j.cli.prog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.Test;

/// HotSpot's code of a program; in bytes where it has no disassembler.
class MachineCodeTest {
  private static final Path FIREWALL = Path.of("../examples/firewall/firewall.bpf.o");

  private final ProgramSpec firewall =
      CollectionReader.read(FIREWALL).program("firewall").orElseThrow();

  @Test
  void isTheProgramsOwnWithInstructionsAndSourceLines() {
    String code = MachineCode.of(FIREWALL, firewall);
    assertThat(code)
        .contains("at0, by HotSpot's c")
        .contains("[Verified Entry Point]")
        .containsPattern("at0\\w*@\\d+ \\(instruction \\d+, .*firewall.bpf.c:\\d+\\)")
        .doesNotContain("Program/0x");
  }

  @Test
  void saysWhyThereIsNone() {
    assertThatThrownBy(() -> MachineCode.of(Path.of("none.bpf.o"), firewall))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("firewall")
        .hasMessageContaining("none.bpf.o");
  }
}
