package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.ebpf4j.isa.Assembler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `ebpf plugin` speaks the bpf_conformance protocol.
class PluginCommandTest {
  private final InputStream standardInput = System.in;

  private static String hex(String assembly) {
    return HexFormat.of().formatHex(Assembler.assemble(assembly).toBytes(ByteOrder.LITTLE_ENDIAN));
  }

  private static void type(String text) {
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @AfterEach
  void restore() {
    System.setIn(standardInput);
  }

  @Test
  void printsR0AsHex() {
    type(hex("r0 = 0x1234 ll\nexit"));
    Invocation run = Invocation.of("plugin");
    assertThat(run.code()).isZero();
    assertThat(run.out().strip()).isEqualTo("1234");
  }

  @Test
  void givesTheMemoryAndItsLength() {
    type(hex("r0 = *(u8 *)(r1 + 1)\nr0 <<= 8\nr0 |= r2\nexit"));
    assertThat(Invocation.of("plugin", "00ab 01").out().strip()).isEqualTo("ab03");
  }

  @Test
  void aBatchAnswersLineByLine() {
    type(
        hex("r0 = -1\nexit")
            + "\n"
            + hex("r0 = *(u8 *)(r1 + 0)\nexit")
            + " 7f\n"
            + "zz\n"
            + hex("r0 = *(u8 *)(r1 + 9)\nexit")
            + " 7f\n");
    Invocation run = Invocation.of("plugin", "--batch");
    assertThat(run.code()).isZero();
    assertThat(run.out().lines().toList())
        .hasSize(4)
        .startsWith("0xffffffffffffffff", "0x7f")
        .satisfies(
            lines -> assertThat(lines.get(2)).startsWith("error: not hex"),
            lines -> assertThat(lines.get(3)).startsWith("error: program stdin, instruction 0"));
  }

  @Test
  void aProgramThatIsNoneIsOneErrorLine() {
    type("0102");
    Invocation run = Invocation.of("plugin");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
  }
}
