package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.testkit.InstructionTable;
import org.ebpf4j.testkit.InstructionTable.Case;
import org.ebpf4j.testkit.InstructionTable.Program;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The tables of instructions that the JVM host is held against, run by Linux: each program,
/// between code that fills the registers from a map and code that writes them back, gives what its
/// rows say. So the tables are true, and where both hosts keep to them they agree.
class KernelInstructionsTest {
  private static final int REGISTERS = InstructionTable.REGISTERS;

  /// Where a case's own memory begins in the map, after the registers.
  private static final int MEMORY = InstructionTable.MEMORY;

  private static final int VALUE_BYTES = MEMORY + 64;

  /// Stands in the program for the address of the map's value.
  private static final int PLACE = 0x5a5a5a5a;

  private static final int LOAD_IMMEDIATE_64 = 0x18;
  private static final int MAP_VALUE = 2;

  private static LinuxHost host;

  @BeforeAll
  static void open() {
    assumeTrue(
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN,
        "the tables show memory of little-endian machines");
    host = LinuxHosts.open();
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  /// What Linux's verifier does not load, though the RFC says what it does: divisions by the
  /// constant 0, instructions that are never reached, loops whose end it does not see, stacks of
  /// 1,024 bytes, and functions that read `R0` before they set it.
  private static final List<String> REFUSED =
      List.of(
          "r1 /= 0",
          "r1 s/= 0",
          "r1 %= 0",
          "r1 s%= 0",
          "w1 /= 0",
          "w1 s/= 0",
          "w1 %= 0",
          "w1 s%= 0",
          "goto +1; r1 = 5; r2 = 6",
          "gotol +1; r1 = 5; r2 = 6",
          "r1 += 1; if r1 < r2 goto -2",
          "w1 += -1; if w1 != 0 goto -2",
          "*(u64 *)(r10 - 512) = 1; call f; r1 = *(u64 *)(r10 - 512) || f: *(u64 *)(r10 - 512) = 2;"
              + " r0 = *(u64 *)(r10 - 512); exit",
          "call f; call f || f: r6 = r0; call g; r0 += r6; exit; g: r0 = 3; exit",
          "call f || f: if r1 == 0 goto +3; r1 += -1; r0 += 1; call f; exit");

  /// What Linux is free to do otherwise: how often `may_goto` jumps (x86-64's counts time), and
  /// what is on the stack before anything is written there (the JVM host has zeros).
  private static final List<String> OPEN =
      List.of(
          "r1 = 0; r1 += 1; may_goto +1; goto -3", "call f || f: r0 = *(u64 *)(r10 - 512); exit");

  @Test
  void linuxGivesWhatTheTablesSay() {
    List<String> refusals = new ArrayList<>();
    List<String> differences = new ArrayList<>();
    int cases = 0;
    for (Program row : InstructionTable.all()) {
      if (OPEN.contains(row.name())) {
        continue;
      }
      try (LoadedCollection loaded = host.load(collection(row))) {
        for (Case one : row.cases()) {
          cases++;
          String difference = run(loaded, row, one);
          if (!difference.isEmpty()) {
            differences.add(row.name() + ": " + difference);
          }
        }
      } catch (LoadException e) {
        refusals.add(row.name());
      }
    }
    assertThat(differences).isEmpty();
    assertThat(refusals).containsExactlyInAnyOrderElementsOf(REFUSED);
    assertThat(cases).isPositive();
  }

  private static String run(LoadedCollection loaded, Program row, Case one) {
    BpfMap state = loaded.map("state");
    byte[] before = Arrays.copyOf(one.input(), VALUE_BYTES);
    state.update(new byte[4], before);
    loaded.program("test").run(RunInput.packet(new byte[64]));
    byte[] after = state.lookup(new byte[4]).orElseThrow();
    byte[] expected = Arrays.copyOf(one.output(), VALUE_BYTES);
    if (calls(row)) { // a call leaves R1 to R5 unreadable in Linux: they are not written back
      System.arraycopy(before, 8, expected, 8, 40);
    }
    return Arrays.equals(after, expected)
        ? ""
        : "%s gave %s, not %s".formatted(hex(before), hex(after), hex(expected));
  }

  private static boolean calls(Program row) {
    return !row.functions().isEmpty();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static CollectionSpec collection(Program row) {
    long[] slots = Assembler.assemble(framed(row)).toSlots();
    List<Reference> references = new ArrayList<>();
    for (int slot = 0; slot + 1 < slots.length; slot++) {
      if (Bytecode.opcode(slots[slot]) == LOAD_IMMEDIATE_64
          && Bytecode.immediate(slots[slot]) == PLACE
          && Bytecode.immediate(slots[slot + 1]) == PLACE) {
        slots[slot] =
            Bytecode.slot(LOAD_IMMEDIATE_64, Bytecode.dst(slots[slot]), MAP_VALUE, (short) 0, 0);
        slots[slot + 1] = 0;
        references.add(new Reference.MapData(slot, "state", 0));
      }
    }
    Bytecode code = Bytecode.of(slots);
    return CollectionSpec.of(
        List.of(MapSpec.of("state", MapType.ARRAY, 4, VALUE_BYTES, 1)),
        List.of(
            new ProgramSpec(
                "test",
                "",
                ProgramSpec.ProgramKind.of(ProgramType.SOCKET_FILTER),
                code,
                List.of(new ProgramFunction(0, code.size(), "test", 0, true)),
                references,
                List.of(),
                List.of(),
                true)));
  }

  private static String framed(Program row) {
    StringBuilder text = new StringBuilder(place());
    for (int register = 0; register < REGISTERS - 1; register++) {
      text.append("r%d = *(u64 *)(r9 + %d)\n".formatted(register, register * Long.BYTES));
    }
    text.append("r9 += %d\n".formatted(MEMORY)).append(row.body()).append('\n').append(place());
    for (int register = 0; register < REGISTERS - 1; register++) {
      if (!calls(row) || register == 0 || register > 5) {
        text.append("*(u64 *)(r9 + %d) = r%d\n".formatted(register * Long.BYTES, register));
      }
    }
    return text.append("r0 = 0\nexit\n").append(row.functions()).toString();
  }

  private static String place() {
    return "r9 = 0x%08x%08x ll\n".formatted(PLACE, PLACE);
  }
}
