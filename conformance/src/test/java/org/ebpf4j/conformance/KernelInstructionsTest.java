package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The tables of instructions that the JVM host is held against, run by Linux: each program,
/// between code that fills the registers from a map and code that writes them back, gives what its
/// rows say. So the tables are true, and where both hosts keep to them they agree.
class KernelInstructionsTest {
  private static final Path TABLES = Path.of("../runtime/src/test/resources/org/ebpf4j/runtime");
  private static final int REGISTERS = 10;

  /// Where a case's own memory begins in the map, after the registers.
  private static final int MEMORY = REGISTERS * Long.BYTES;

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

  /// What Linux refuses to load: a division by the constant 0, which the RFC defines.
  private static final String REFUSED = "[rw]1 (s?/|s?%)= 0";

  /// What Linux is free to do otherwise: how often `may_goto` jumps (x86-64's counts time), and
  /// what is on the stack before anything is written there (the JVM host has zeros).
  private static final List<String> OPEN =
      List.of(
          "r1 = 0; r1 += 1; may_goto +1; goto -3", "call f || f: r0 = *(u64 *)(r10 - 512); exit");

  @ParameterizedTest
  @CsvSource({"arithmetic.txt, 8", "instructions.txt, 0"})
  void linuxGivesWhatTheTableSays(String table, int refused) throws IOException {
    List<String> refusals = new ArrayList<>();
    List<String> differences = new ArrayList<>();
    int cases = 0;
    for (Row row : read(TABLES.resolve(table))) {
      if (OPEN.contains(row.text())) {
        continue;
      }
      try (LoadedCollection loaded = host.load(collection(row))) {
        for (Case one : row.cases()) {
          cases++;
          String difference = run(loaded, row, one);
          if (!difference.isEmpty()) {
            differences.add(row.text() + ": " + difference);
          }
        }
      } catch (LoadException e) {
        refusals.add(row.text());
      }
    }
    System.out.printf("%s: %d cases in Linux%n", table, cases);
    assertThat(differences).isEmpty();
    assertThat(refusals).hasSize(refused).allMatch(text -> text.matches(REFUSED));
    assertThat(cases).isPositive();
  }

  private static String run(LoadedCollection loaded, Row row, Case one) {
    BpfMap state = loaded.map("state");
    ByteBuffer before = ByteBuffer.allocate(VALUE_BYTES).order(ByteOrder.nativeOrder());
    put(before, one.before());
    state.update(new byte[4], before.array());
    loaded.program("test").run(RunInput.packet(new byte[64]));
    byte[] after = state.lookup(new byte[4]).orElseThrow();
    ByteBuffer expected = ByteBuffer.wrap(before.array().clone()).order(ByteOrder.nativeOrder());
    put(expected, one.after());
    if (row.calls()) { // a call leaves R1 to R5 unreadable in Linux: they are not written back
      System.arraycopy(before.array(), 8, expected.array(), 8, 40);
    }
    return Arrays.equals(after, expected.array())
        ? ""
        : "%s gave %s, not %s".formatted(hex(before.array()), hex(after), hex(expected.array()));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static void put(ByteBuffer state, Map<Integer, byte[]> values) {
    values.forEach(state::put);
  }

  private static CollectionSpec collection(Row row) {
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

  private static String framed(Row row) {
    StringBuilder text = new StringBuilder(place());
    for (int register = 0; register < REGISTERS - 1; register++) {
      text.append("r%d = *(u64 *)(r9 + %d)\n".formatted(register, register * Long.BYTES));
    }
    text.append("r9 += %d\n".formatted(MEMORY)).append(row.body()).append('\n').append(place());
    for (int register = 0; register < REGISTERS - 1; register++) {
      if (!row.calls() || register == 0 || register > 5) {
        text.append("*(u64 *)(r9 + %d) = r%d\n".formatted(register * Long.BYTES, register));
      }
    }
    return text.append("r0 = 0\nexit\n").append(row.functions()).toString();
  }

  private static String place() {
    return "r9 = 0x%08x%08x ll\n".formatted(PLACE, PLACE);
  }

  /// @param text the line as written
  /// @param body the instructions, a line each
  /// @param functions what the body calls
  private record Row(String text, String body, String functions, List<Case> cases) {
    boolean calls() {
      return !functions.isEmpty();
    }
  }

  /// Bytes of the map's value, by offset.
  private record Case(Map<Integer, byte[]> before, Map<Integer, byte[]> after) {}

  /// Reads a table; its first lines say how it is written.
  private static List<Row> read(Path table) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(table)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith(" ")) {
        String[] sides = line.strip().split("->", 2);
        rows.getLast().cases().add(new Case(state(sides[0]), state(sides[1])));
      } else {
        String[] parts = line.split("\\|\\|", 2);
        rows.add(
            new Row(
                line,
                parts[0].replace(';', '\n'),
                parts.length > 1 ? parts[1].replace(';', '\n') : "",
                new ArrayList<>()));
      }
    }
    return rows;
  }

  private static Map<Integer, byte[]> state(String text) {
    Map<Integer, byte[]> values = new TreeMap<>();
    for (String assignment : text.strip().split(" ", -1)) {
      String[] sides = assignment.split("=", 2);
      if (sides[0].equals("memory")) {
        values.put(MEMORY, HexFormat.of().parseHex(sides[1]));
      } else {
        long value = Long.parseUnsignedLong(sides[1].substring(2), 16);
        values.put(
            Integer.parseInt(sides[0].substring(1)) * Long.BYTES,
            ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(value).array());
      }
    }
    return values;
  }
}
