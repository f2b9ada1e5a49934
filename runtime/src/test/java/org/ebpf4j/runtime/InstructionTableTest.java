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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every instruction in every form, against values that were not computed by this project's code:
/// `arithmetic.txt` and `instructions.txt`.
class InstructionTableTest {
  private static final int REGISTERS = 10;

  /// Where a case's own memory begins, after the registers.
  private static final int MEMORY = REGISTERS * Long.BYTES;

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
    return Stream.of("arithmetic.txt", "instructions.txt")
        .flatMap(resource -> InstructionTable.read(resource).stream());
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
    byte[] memory = row.before().memory().orElse(new byte[0]);
    ByteBuffer before = ByteBuffer.allocate(MEMORY + memory.length).order(ByteOrder.nativeOrder());
    row.before().registers().forEach((number, value) -> before.putLong(number * Long.BYTES, value));
    before.put(MEMORY, memory);
    ByteBuffer expected = ByteBuffer.wrap(before.array().clone()).order(ByteOrder.nativeOrder());
    row.after()
        .registers()
        .forEach((number, value) -> expected.putLong(number * Long.BYTES, value));
    row.after().memory().ifPresent(after -> expected.put(MEMORY, after));

    byte[] after = program.run(RunInput.packet(before.array())).data();

    assertThat(describe(after))
        .as("%s", describe(before.array()))
        .isEqualTo(describe(expected.array()));
  }

  private static String describe(byte[] state) {
    ByteBuffer bytes = ByteBuffer.wrap(state).order(ByteOrder.nativeOrder());
    StringBuilder text = new StringBuilder();
    for (int register = 0; register < REGISTERS; register++) {
      text.append("r%d=0x%x ".formatted(register, bytes.getLong(register * Long.BYTES)));
    }
    for (int i = MEMORY; i < state.length; i++) {
      text.append("%02x".formatted(state[i]));
    }
    return text.toString();
  }

  /// The program between code that fills the registers from the run's memory and code that writes
  /// them back. `R9` holds the address of the case's own memory, and is not written back.
  private static String framed(InstructionTable.Program row) {
    StringBuilder text = new StringBuilder("*(u64 *)(r10 - 8) = r1\nr9 = r1\n");
    for (int register = 0; register < REGISTERS - 1; register++) {
      text.append("r%d = *(u64 *)(r9 + %d)\n".formatted(register, register * Long.BYTES));
    }
    text.append("r9 += %d\n".formatted(MEMORY)).append(row.body());
    text.append("\nr9 = *(u64 *)(r10 - 8)\n");
    for (int register = 0; register < REGISTERS - 1; register++) {
      text.append("*(u64 *)(r9 + %d) = r%d\n".formatted(register * Long.BYTES, register));
    }
    return text.append("r0 = 0\nexit\n").append(row.functions()).toString();
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
