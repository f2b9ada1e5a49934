package org.ebpf4j.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Programs with what goes in and what comes out, from a resource; the files say how they are read.
/// None of the values was computed by this project's code.
public final class InstructionTable {
  /// Registers that rows speak of: `R0` to `R9`.
  public static final int REGISTERS = 10;

  /// Where a case's own memory begins, after the registers, in the memory of a [Program#framed].
  public static final int MEMORY = REGISTERS * Long.BYTES;

  private InstructionTable() {}

  /// All rows.
  public static List<Program> all() {
    List<Program> rows = new ArrayList<>(read("arithmetic.txt"));
    rows.addAll(read("instructions.txt"));
    return rows;
  }

  /// @param name the line as written
  /// @param body the instructions, a line each
  /// @param functions what the body calls
  public record Program(String name, String body, String functions, List<Case> cases) {
    /// The program between code that fills the registers from memory and code that writes them
    /// back. `R9` holds the address of the case's own memory, and is not written back.
    ///
    /// @param begin puts the memory's address into `R9` and `*(u64 *)(r10 - 8)`
    /// @param end what comes after the program's exit
    public String framed(String begin, String end) {
      StringBuilder text = new StringBuilder(begin);
      for (int register = 0; register < REGISTERS - 1; register++) {
        text.append("r%d = *(u64 *)(r9 + %d)\n".formatted(register, register * Long.BYTES));
      }
      text.append("r9 += %d\n".formatted(MEMORY)).append(body);
      text.append("\nr9 = *(u64 *)(r10 - 8)\n");
      for (int register = 0; register < REGISTERS - 1; register++) {
        text.append("*(u64 *)(r9 + %d) = r%d\n".formatted(register * Long.BYTES, register));
      }
      return text.append("r0 = 0\nexit\n").append(end).append(functions).toString();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// @param before what the program finds
  /// @param after what it leaves
  public record Case(State before, State after) {

    /// The memory that a run is given: the registers, then the case's own.
    public byte[] input() {
      byte[] memory = before.memory().orElse(new byte[0]);
      ByteBuffer bytes = ByteBuffer.allocate(MEMORY + memory.length).order(ByteOrder.nativeOrder());
      before.registers().forEach((number, value) -> bytes.putLong(number * Long.BYTES, value));
      bytes.put(MEMORY, memory);
      return bytes.array();
    }

    /// The memory that the run leaves.
    public byte[] output() {
      ByteBuffer bytes = ByteBuffer.wrap(input()).order(ByteOrder.nativeOrder());
      after.registers().forEach((number, value) -> bytes.putLong(number * Long.BYTES, value));
      after.memory().ifPresent(memory -> bytes.put(MEMORY, memory));
      return bytes.array();
    }
  }

  /// @param registers by number; those left out do not matter, or stay as they were
  /// @param memory empty if there is none, or if it stays as it was
  public record State(Map<Integer, Long> registers, Optional<byte[]> memory) {}

  private static List<Program> read(String resource) {
    List<Program> programs = new ArrayList<>();
    for (String line : text(resource).lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith(" ")) {
        String[] sides = line.strip().split("->", 2);
        programs.getLast().cases().add(new Case(state(sides[0]), state(sides[1])));
      } else {
        String[] parts = line.split("\\|\\|", 2);
        programs.add(
            new Program(
                line, lines(parts[0]), parts.length > 1 ? lines(parts[1]) : "", new ArrayList<>()));
      }
    }
    return programs;
  }

  private static String text(String resource) {
    try (InputStream in = InstructionTable.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lines(String statements) {
    return statements.replace(';', '\n');
  }

  private static State state(String text) {
    Map<Integer, Long> registers = new TreeMap<>();
    Optional<byte[]> memory = Optional.empty();
    for (String assignment : text.strip().split(" ", -1)) {
      String[] sides = assignment.split("=", 2);
      if (sides[0].equals("memory")) {
        memory = Optional.of(HexFormat.of().parseHex(sides[1]));
      } else {
        registers.put(
            Integer.parseInt(sides[0].substring(1)),
            Long.parseUnsignedLong(sides[1].substring(2), 16));
      }
    }
    return new State(registers, memory);
  }
}
