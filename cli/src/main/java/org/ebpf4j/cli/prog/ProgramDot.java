package org.ebpf4j.cli.prog;

import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;

/// The ways through a program, for Graphviz' dot: a cluster for each function, a box for each run
/// of instructions that are executed one after the other.
///
/// @param code the program
/// @param functions where its functions start
/// @param texts its instructions in words, by slot
record ProgramDot(
    Bytecode code, List<ProgramFunction> functions, SortedMap<Integer, String> texts) {
  private static final int JUMPS = 5;
  private static final int JUMPS_32 = 6;
  private static final int GOTO = 0x00;
  private static final int CALL = 0x80;
  private static final int EXIT = 0x90;
  private static final int LOCAL = 1;

  void print(Console console) {
    NavigableSet<Integer> starts = new TreeSet<>(List.of(0));
    functions.forEach(function -> starts.add(function.slot()));
    texts
        .keySet()
        .forEach(slot -> {
          if (operation(slot) == CALL && Bytecode.src(code.slot(slot)) == LOCAL) {
            starts.add(slot + 1 + distanceOfCall(code.slot(slot)));
          }
        });
    console.line("digraph \"DOT graph for eBPF program\" {");
    int number = 0;
    for (int start : starts) {
      Integer next = starts.higher(start);
      function(console, number++, start, next == null ? code.size() : next);
    }
    console.line("}");
  }

  /// The kernel puts the function's number in the place of the distance, and that into the offset.
  private static int distanceOfCall(long slot) {
    return Bytecode.offset(slot) != 0 ? Bytecode.offset(slot) : Bytecode.immediate(slot);
  }

  /// The operation of a jump, call or exit; -1 for what goes on to the next instruction.
  private int operation(int slot) {
    int opcode = Bytecode.opcode(code.slot(slot));
    int kind = opcode & 7;
    return kind == JUMPS || kind == JUMPS_32 ? opcode & 0xf0 : -1;
  }

  private boolean jumps(int slot) {
    int operation = operation(slot);
    return operation != -1 && operation != CALL && operation != EXIT;
  }

  private int target(int slot) {
    long word = code.slot(slot);
    boolean far = (Bytecode.opcode(word) & 7) == JUMPS_32 && operation(slot) == GOTO;
    return slot + 1 + (far ? Bytecode.immediate(word) : Bytecode.offset(word));
  }

  private void function(Console console, int number, int from, int to) {
    SortedMap<Integer, String> own = texts.subMap(from, to);
    NavigableSet<Integer> blocks = new TreeSet<>(List.of(from));
    for (int slot : own.keySet()) {
      if (jumps(slot)) {
        blocks.add(target(slot));
      }
      if ((jumps(slot) || operation(slot) == EXIT) && slot + 1 < to) {
        blocks.add(slot + 1);
      }
    }
    // Numbers 0 and 1 are the entry and the exit.
    Map<Integer, Integer> numbers = new TreeMap<>();
    blocks.forEach(block -> numbers.put(block, numbers.size() + 2));
    console.line("subgraph \"cluster_%d\" {", number);
    console.line("\tstyle=\"dashed\";\n\tcolor=\"black\";\n\tlabel=\"func_%d ()\";", number);
    console.line("\tfn_%d_bb_0 [shape=Mdiamond,style=filled,label=\"ENTRY\"];\n", number);
    numbers.forEach((start, block) -> {
      Integer next = blocks.higher(start);
      console.line(
          "\tfn_%d_bb_%d [shape=record,style=filled,label=\"{%s}\"];\n",
          number, block, label(own.subMap(start, next == null ? to : next)));
    });
    console.line("\tfn_%d_bb_1 [shape=Mdiamond,style=filled,label=\"EXIT\"];\n", number);
    edge(console, number, 0, 2);
    numbers.forEach((start, block) -> {
      Integer next = blocks.higher(start);
      int last = own.subMap(start, next == null ? to : next).lastKey();
      if (jumps(last)) {
        edge(console, number, block, numbers.getOrDefault(target(last), 1));
      }
      if (operation(last) == EXIT || next == null) {
        if (!jumps(last)) {
          edge(console, number, block, 1);
        }
      } else if (operation(last) != GOTO) {
        edge(console, number, block, numbers.getOrDefault(next, 1));
      }
    });
    console.line(
        "\tfn_%d_bb_0:s -> fn_%d_bb_1:n [style=\"invis\", constraint=true];", number, number);
    console.line("}");
  }

  private static String label(SortedMap<Integer, String> lines) {
    StringBuilder label = new StringBuilder();
    lines.forEach((slot, text) ->
        label
            .append(label.isEmpty() ? "" : " | ")
            .append("%4d: ".formatted(slot))
            .append(text.replaceAll("([\\\\\"<>{}|&])", "\\\\$1"))
            .append("\\l\\\n"));
    return label.toString();
  }

  private static void edge(Console console, int function, int from, int to) {
    console.line(
        "\tfn_%d_bb_%d:s -> fn_%d_bb_%d:n [style=\"solid,bold\", color=black, weight=10,"
            + " constraint=true];",
        function, from, function, to);
  }
}
