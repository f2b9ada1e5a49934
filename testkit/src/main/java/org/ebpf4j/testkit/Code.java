package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.MayGoto;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.spec.Reference;
import org.jspecify.annotations.Nullable;

/// A program in the making: instructions whose jumps and calls go to labels, so that instructions
/// can be put in and taken out.
final class Code {
  private final List<Step> steps = new ArrayList<>();
  private final List<Function> functions = new ArrayList<>();

  /// A place in the program.
  static final class Label {
    int step = -1;
  }

  /// An instruction, where it goes, and what it refers to: a reference whose slot does not count.
  record Step(Instruction instruction, @Nullable Label target, @Nullable Reference reference) {}

  /// Where a function starts.
  record Function(Label start, String name, int type, boolean global) {}

  /// Takes a program apart.
  static Code of(ProgramSpec program) {
    Code code = new Code();
    List<Instruction> instructions = InstructionCodec.decode(program.bytecode());
    int[] stepOfSlot = new int[program.bytecode().size() + 1];
    int slot = 0;
    for (int i = 0; i < instructions.size(); i++) {
      stepOfSlot[slot] = i;
      slot += instructions.get(i).slots();
    }
    stepOfSlot[slot] = instructions.size();
    slot = 0;
    for (Instruction instruction : instructions) {
      Label target = null;
      if (distance(instruction).isPresent()) {
        target = new Label();
        target.step = stepOfSlot[slot + 1 + distance(instruction).get()];
      }
      code.steps.add(new Step(instruction, target, reference(program, slot)));
      slot += instruction.slots();
    }
    for (ProgramFunction function : program.functions()) {
      Label start = new Label();
      start.step = stepOfSlot[function.slot()];
      code.functions.add(new Function(start, function.name(), function.type(), function.global()));
    }
    return code;
  }

  private static @Nullable Reference reference(ProgramSpec program, int slot) {
    for (Reference reference : program.references()) {
      if (reference.slot() == slot) {
        return reference;
      }
    }
    return null;
  }

  /// How far an instruction goes, for those that go somewhere.
  private static Optional<Integer> distance(Instruction instruction) {
    return switch (instruction) {
      case Jump jump -> Optional.of((int) jump.offset());
      case Goto jump -> Optional.of(jump.offset());
      case MayGoto jump -> Optional.of((int) jump.offset());
      case CallLocal call -> Optional.of(call.offset());
      case LoadImmediate64 load when load.source() == LoadImmediate64.Source.FUNCTION ->
          Optional.of(load.low());
      default -> Optional.empty();
    };
  }

  List<Step> steps() {
    return steps;
  }

  void add(Step step) {
    steps.add(step);
  }

  void emit(Instruction instruction) {
    steps.add(new Step(instruction, null, null));
  }

  void emit(Instruction instruction, Label target) {
    steps.add(new Step(instruction, target, null));
  }

  void emit(Instruction instruction, Reference reference) {
    steps.add(new Step(instruction, null, reference));
  }

  /// The label is here.
  void place(Label label) {
    label.step = steps.size();
  }

  void beginFunction(Label start, String name, int type, boolean global) {
    place(start);
    functions.add(new Function(start, name, type, global));
  }

  /// The same program without the steps from one on; jumps there go to what follows.
  Code without(int first, int count) {
    Code shorter = new Code();
    for (int i = 0; i < steps.size(); i++) {
      if (i < first || i >= first + count) {
        Step step = steps.get(i);
        Label target = step.target() == null ? null : moved(step.target(), first, count);
        shorter.steps.add(new Step(step.instruction(), target, step.reference()));
      }
    }
    for (Function function : functions) {
      Label start = moved(function.start(), first, count);
      shorter.functions.removeIf(earlier -> earlier.start().step == start.step);
      if (start.step < shorter.steps.size()) {
        shorter.functions.add(
            new Function(start, function.name(), function.type(), function.global()));
      }
    }
    return shorter;
  }

  private static Label moved(Label label, int first, int count) {
    Label moved = new Label();
    moved.step = label.step <= first ? label.step : Math.max(first, label.step - count);
    return moved;
  }

  /// The same program with more steps before one; jumps to that one go to the first of them.
  Code with(int index, List<Step> more) {
    Code longer = new Code();
    for (int i = 0; i < steps.size(); i++) {
      if (i == index) {
        longer.steps.addAll(more);
      }
      Step step = steps.get(i);
      Label target = step.target() == null ? null : behind(step.target(), index, more.size());
      longer.steps.add(new Step(step.instruction(), target, step.reference()));
    }
    for (Function function : functions) {
      longer.functions.add(
          new Function(
              behind(function.start(), index, more.size()),
              function.name(),
              function.type(),
              function.global()));
    }
    return longer;
  }

  private static Label behind(Label label, int index, int count) {
    if (label.step < 0) {
      return label; // not placed yet
    }
    Label moved = new Label();
    moved.step = label.step <= index ? label.step : label.step + count;
    return moved;
  }

  /// The step at which the program's own function ends.
  int endOfFirstFunction() {
    return functions.size() < 2 ? steps.size() : functions.get(1).start().step;
  }

  /// The same program with another instruction in a place.
  Code with(int index, Instruction instruction) {
    Code changed = without(0, 0);
    changed.steps.set(index, new Step(instruction, null, null));
    return changed;
  }

  /// The program as a spec.
  ProgramSpec toSpec(String name, String section, ProgramKind kind) {
    int[] slotOf = new int[steps.size() + 1];
    for (int i = 0; i < steps.size(); i++) {
      slotOf[i + 1] = slotOf[i] + steps.get(i).instruction().slots();
    }
    List<Instruction> instructions = new ArrayList<>();
    List<Reference> references = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int distance = step.target() == null ? 0 : slotOf[step.target().step] - slotOf[i] - 1;
      instructions.add(
          step.target() == null ? step.instruction() : going(step.instruction(), distance));
      if (step.reference() != null) {
        references.add(at(step.reference(), slotOf[i]));
      }
    }
    List<ProgramFunction> placed = new ArrayList<>();
    for (int i = 0; i < functions.size(); i++) {
      Function function = functions.get(i);
      int start = slotOf[function.start().step];
      int end =
          i + 1 < functions.size()
              ? slotOf[functions.get(i + 1).start().step]
              : slotOf[steps.size()];
      placed.add(
          new ProgramFunction(
              start, end - start, function.name(), function.type(), function.global()));
    }
    return new ProgramSpec(
        name,
        section,
        kind,
        InstructionCodec.encode(instructions),
        placed,
        references,
        List.of(),
        List.of(),
        true);
  }

  private static Instruction going(Instruction instruction, int distance) {
    return switch (instruction) {
      case Jump jump ->
          new Jump(jump.width(), jump.condition(), jump.dst(), jump.src(), (short) distance);
      case Goto jump -> new Goto(distance, jump.wide());
      case MayGoto jump -> new MayGoto((short) distance);
      case CallLocal call -> new CallLocal(distance);
      case LoadImmediate64 load -> new LoadImmediate64(load.dst(), load.source(), distance, 0);
      default -> throw new IllegalArgumentException(instruction + " goes nowhere");
    };
  }

  private static Reference at(Reference reference, int slot) {
    return switch (reference) {
      case Reference.MapHandle(int old, String map) -> new Reference.MapHandle(slot, map);
      case Reference.MapData(int old, String map, int offset) ->
          new Reference.MapData(slot, map, offset);
      case Reference.KernelVariable(int old, String name, int type, boolean weak) ->
          new Reference.KernelVariable(slot, name, type, weak);
      case Reference.KernelFunction(int old, String name, int type, boolean weak) ->
          new Reference.KernelFunction(slot, name, type, weak);
      case Reference.KernelFunctionAddress(int old, String name, int type, boolean weak) ->
          new Reference.KernelFunctionAddress(slot, name, type, weak);
    };
  }
}
