package org.ebpf4j.runtime.internal.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.junit.jupiter.api.Test;

/// Which bytes a path through an XDP program asks for.
class PathInputTest {
  private static final ContextLayout XDP = ProgramTypes.of(ProgramType.XDP).context();

  /// The wishes of the path straight through all instructions.
  private static PathInput straight(boolean extremes, String... lines) {
    Bytecode code = Assembler.assemble(String.join("\n", lines));
    List<Integer> slots = IntStream.range(0, code.size()).boxed().toList();
    return PathInput.of(code, XDP, slots, extremes);
  }

  @Test
  void anEqualFieldIsPutWhereItIsReadFrom() {
    PathInput input =
        straight(
            false,
            "r1 = *(u32 *)(r1 + 0)",
            "r2 = *(u16 *)(r1 + 12)",
            "r2 = be16 r2",
            "if r2 != 0x800 goto +1",
            "r0 = 0",
            "exit");
    assertThat(input.packet()).isEqualTo(Map.of(12, (byte) 0x08, 13, (byte) 0x00));
  }

  @Test
  void bytesPutTogetherAreTakenApart() {
    PathInput input =
        straight(
            false,
            "r1 = *(u32 *)(r1 + 0)",
            "r2 = *(u8 *)(r1 + 12)",
            "r3 = *(u8 *)(r1 + 13)",
            "r3 <<= 8",
            "r3 |= r2",
            "if r3 != 0xdd86 goto +1",
            "r0 = 0",
            "exit");
    assertThat(input.packet()).containsEntry(12, (byte) 0x86).containsEntry(13, (byte) 0xdd);
  }

  @Test
  void aRangeHasTwoEnds() {
    String[] program = {
      "r1 = *(u32 *)(r1 + 0)", "r2 = *(u8 *)(r1 + 3)", "if r2 > 16 goto +1", "r0 = 0", "exit"
    };
    assertThat(straight(true, program).packet()).isEqualTo(Map.of(3, (byte) 16));
    assertThat(straight(false, program).packet()).isEqualTo(Map.of(3, (byte) 0));
  }

  @Test
  void fieldsOfTheContextAreWishedForToo() {
    PathInput input =
        straight(false, "r2 = *(u32 *)(r1 + 16)", "if r2 != 7 goto +1", "r0 = 0", "exit");
    assertThat(input.context()).containsEntry(16, (byte) 7).containsEntry(17, (byte) 0);
    assertThat(input.packet()).isEmpty();
  }

  @Test
  void whatACallLeavesIsNotFollowed() {
    PathInput input =
        straight(
            false,
            "r1 = *(u32 *)(r1 + 0)",
            "r0 = *(u8 *)(r1 + 0)",
            "call 7",
            "if r0 != 5 goto +1",
            "r0 = 0",
            "exit");
    assertThat(input.packet()).isEmpty();
  }
}
