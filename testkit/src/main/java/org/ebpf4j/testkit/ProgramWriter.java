package org.ebpf4j.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.BtfType.Linkage;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.testkit.Code.Label;

/// Writes a whole program: its first function, then those that were called.
final class ProgramWriter {
  private static final int MOST_FUNCTIONS = 4;

  final ProgramType type;
  final Chance chance;
  final Settings settings;
  final Code code = new Code();
  final TestTypes types;
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final Set<String> forms = new HashSet<>();
  private int functions = 1;
  private int statements;
  private int ids;

  /// A function that is called and not yet written.
  private record Pending(
      Label start,
      String name,
      int type,
      boolean global,
      List<Content> arguments,
      long highest,
      int depth) {}

  ProgramWriter(ProgramType type, Chance chance, Settings settings) {
    this.type = type;
    this.chance = chance;
    this.settings = settings;
    this.types = new TestTypes(type);
    this.statements = settings.statements() / 3 + chance.below(settings.statements());
  }

  void write() {
    int main = types.function(TestProgram.NAME, List.of(types.contextPointer()), Linkage.GLOBAL);
    code.beginFunction(new Label(), TestProgram.NAME, main, true);
    FunctionWriter writer = new FunctionWriter(this, 0);
    writer.begin(List.of(new Content.Context()));
    if (chance.percent(70) && (type == ProgramType.XDP || type == ProgramType.SCHED_CLS)) {
      writer.packets().open();
    }
    writer.statements(settings.statements());
    writer.end(-1);
    while (!pending.isEmpty()) {
      write(pending.removeFirst());
    }
  }

  private void write(Pending function) {
    code.beginFunction(function.start(), function.name(), function.type(), function.global());
    FunctionWriter writer = new FunctionWriter(this, function.depth());
    statements = Math.max(statements, 3);
    writer.begin(function.arguments());
    writer.checkArguments();
    writer.statements(chance.between(1, 6));
    writer.end(function.highest());
  }

  boolean hasRoomForFunction() {
    return functions < MOST_FUNCTIONS;
  }

  /// Has a function written after this one.
  ///
  /// @param highest the greatest result that it may return, -1 for any
  Label function(
      List<Content> arguments, List<Integer> parameters, boolean global, long highest, int depth) {
    Label start = new Label();
    String name = "function" + functions++;
    int function = types.function(name, parameters, global ? Linkage.GLOBAL : Linkage.STATIC);
    pending.add(
        new Pending(start, name, function, global, new ArrayList<>(arguments), highest, depth));
    return start;
  }

  int newId() {
    return ids++;
  }

  /// Whether there is room for another statement.
  boolean mayGoOn() {
    return statements-- > 0;
  }

  /// A helper moved the packet.
  void changesPacket() {
    forms.add("packet changed");
  }

  void note(Instruction instruction, Model model) {
    forms.add(Forms.of(instruction, model));
  }

  Set<String> forms() {
    return forms;
  }
}
