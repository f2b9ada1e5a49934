package org.ebpf4j.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Programs with what goes in and what comes out, from a resource; the files say how they are read.
final class InstructionTable {
  private InstructionTable() {}

  /// @param name the line as written
  /// @param body the instructions, a line each
  /// @param functions what the body calls
  record Program(String name, String body, String functions, List<Case> cases) {
    @Override
    public String toString() {
      return name;
    }
  }

  record Case(State before, State after) {}

  /// @param registers by number; those left out do not matter, or stay as they were
  /// @param memory empty if there is none, or if it stays as it was
  record State(Map<Integer, Long> registers, Optional<byte[]> memory) {}

  static List<Program> read(String resource) {
    List<Program> programs = new ArrayList<>();
    for (String line : text(resource).lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith(" ")) {
        String[] sides = line.strip().split("->");
        programs.getLast().cases().add(new Case(state(sides[0]), state(sides[1])));
      } else {
        String[] parts = line.split("\\|\\|");
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
    for (String assignment : text.strip().split(" ")) {
      String[] sides = assignment.split("=");
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
