package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.testkit.InstructionTable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every instruction in every form, against values that were not computed by this project's code:
/// `arithmetic.txt` and `instructions.txt`.
class InstructionTableTest {
  private static JvmHost host;

  @BeforeAll
  static void open() {
    assumeTrue(
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN,
        "the tables show memory of little-endian machines");
    host = JvmHost.builder().cpus(1).memoryProgramType("memory").build();
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  static Stream<InstructionTable.Program> programs() {
    return InstructionTable.all().stream();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void givesWhatTheTableSays(InstructionTable.Program row) {
    assertThat(row.cases()).isNotEmpty();
    try (LoadedCollection loaded =
        host.load(Programs.collection("memory", framed(row)), Programs.UNVERIFIED)) {
      for (InstructionTable.Case one : row.cases()) {
        check(loaded.program("test"), one);
      }
    }
  }

  private static void check(BpfProgram program, InstructionTable.Case row) {
    byte[] after = program.run(RunInput.packet(row.input())).data();

    assertThat(describe(after)).as("%s", describe(row.input())).isEqualTo(describe(row.output()));
  }

  private static String describe(byte[] state) {
    ByteBuffer bytes = ByteBuffer.wrap(state).order(ByteOrder.nativeOrder());
    StringBuilder text = new StringBuilder();
    for (int register = 0; register < InstructionTable.REGISTERS; register++) {
      text.append("r%d=0x%x ".formatted(register, bytes.getLong(register * Long.BYTES)));
    }
    for (int i = InstructionTable.MEMORY; i < state.length; i++) {
      text.append("%02x".formatted(state[i]));
    }
    return text.toString();
  }

  private static String framed(InstructionTable.Program row) {
    return row.framed("*(u64 *)(r10 - 8) = r1\nr9 = r1\n", "");
  }

  @Test
  void theTablesHaveEveryForm() {
    Set<String> forms = new HashSet<>();
    programs()
        .forEach(row ->
            InstructionCodec.decode(Assembler.assemble(framed(row)))
                .forEach(instruction -> forms.add(InstructionForms.of(instruction))));
    assertThat(forms).containsAll(InstructionForms.all());
  }
}
