package org.ebpf4j.runtime.internal.host;

import java.util.HashMap;
import java.util.Map;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.StepObserver;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerTarget;
import org.ebpf4j.verifier.RegisterFact;
import org.ebpf4j.verifier.StackUse;
import org.jspecify.annotations.Nullable;

/// Holds each step of a run against what was proven of the program: reached instructions, ways of
/// branches, live registers, stack bytes that escape, and the number of instructions.
final class FactChecker implements StepObserver {
  private static final int FRAMES = 8;

  /// The farthest that a value's start is looked for behind an address.
  private static final int FARTHEST = 4096;

  private final Map<ProgramSpec, Proven> programs = new HashMap<>();
  private final Map<Long, Integer> frames = new HashMap<>();
  private int previous = -1;
  private @Nullable ProgramSpec previousProgram;
  private long steps;
  private long checked;

  /// A program's instructions by slot, and what was proven of it.
  private record Proven(Facts facts, @Nullable Instruction[] code, int[] functions) {}

  /// What was proven and does not hold.
  static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(ProgramSpec program, int slot, String what) {
      super("%s, instruction %d: %s".formatted(program.name(), slot, what));
    }
  }

  void add(ProgramSpec program, Facts facts) {
    int size = program.bytecode().size();
    @Nullable Instruction[] code = new Instruction[size];
    int slot = 0;
    for (Instruction instruction : InstructionCodec.decode(program.bytecode())) {
      code[slot] = instruction;
      slot += instruction.slots();
    }
    int[] functions = new int[size];
    for (int i = 1; i < program.functions().size(); i++) {
      for (int at = program.functions().get(i).slot(); at < size; at++) {
        functions[at] = i;
      }
    }
    programs.put(program, new Proven(facts, code, functions));
  }

  /// A run begins.
  void begin() {
    previous = -1;
    steps = 0;
    frames.clear();
  }

  /// Registers that were held against a fact that says something.
  long checked() {
    return checked;
  }

  @Override
  public void before(ProgramSpec program, int slot, long[] registers, Run run) {
    Proven proven = programs.get(program);
    if (proven == null || slot >= proven.code().length) {
      previous = -1;
      return;
    }
    Facts facts = proven.facts();
    if (!facts.isReachable(slot)) {
      throw new Violation(program, slot, "reached");
    }
    branch(proven, program, slot);
    steps++;
    if (facts.instructionBound().isPresent() && steps > facts.instructionBound().getAsLong()) {
      throw new Violation(
          program, slot, "more than %d steps".formatted(facts.instructionBound().getAsLong()));
    }
    for (int register = 0; register <= 10; register++) {
      RegisterFact fact = facts.before(slot, register);
      String wrong = wrong(fact, registers[register], registers[10], run);
      if (wrong != null) {
        throw new Violation(
            program,
            slot,
            "R%d is 0x%x, %s: %s".formatted(register, registers[register], wrong, fact));
      }
      if (!(fact instanceof RegisterFact.Unknown)) {
        checked++;
      }
    }
    frames.put(registers[10], proven.functions()[slot]);
    stack(proven, program, slot, registers);
    previous = slot;
    previousProgram = program;
  }

  private void branch(Proven proven, ProgramSpec program, int slot) {
    if (previous >= 0
        && previousProgram == program
        && proven.code()[previous] instanceof Instruction.Jump jump) {
      boolean taken = slot == previous + 1 + jump.offset();
      boolean passed = slot == previous + 1;
      boolean possible =
          (taken && proven.facts().mayBranch(previous, true))
              || (passed && proven.facts().mayBranch(previous, false));
      if ((taken || passed) && !possible) {
        throw new Violation(program, previous, "went the way that it never goes");
      }
    }
  }

  private @Nullable String wrong(RegisterFact fact, long value, long framePointer, Run run) {
    return switch (fact) {
      case RegisterFact.Unknown u -> null;
      case RegisterFact.Scalar scalar -> scalar.contains(value) ? null : "not in the set";
      case RegisterFact.Pointer pointer ->
          value == 0
              ? (pointer.maybeNull() ? null : "null")
              : wrong(pointer, value, framePointer, run);
    };
  }

  private @Nullable String wrong(
      RegisterFact.Pointer pointer, long value, long framePointer, Run run) {
    return switch (pointer.kind()) {
      case CONTEXT -> within(pointer, value - run.context().address());
      case STACK -> stackPointer(pointer, value, framePointer);
      case MAP -> {
        if (Handles.mapId(value) < 0) {
          yield "no map";
        }
        yield pointer.target() instanceof PointerTarget.OfMap(String name)
                && !run.map(value).spec().name().equals(name)
            ? "another map"
            : null;
      }
      case MAP_VALUE -> mapValue(pointer, value, run);
      case PACKET -> within(pointer, value - run.context().packet().address());
      case PACKET_END -> {
        var packet = run.context().packet();
        yield value == packet.address() + packet.byteSize() ? null : "not the packet's end";
      }
      case FUNCTION ->
          pointer.target() instanceof PointerTarget.OfFunction(int start)
                  && Handles.functionSlot(value) != start
              ? "another function"
              : null;
      case MAP_KEY, PACKET_META, MEMORY, BUFFER, FLOW_KEYS, SOCKET, BTF_OBJECT, DYNPTR, ARENA ->
          null;
    };
  }

  private static @Nullable String within(RegisterFact.Pointer pointer, long distance) {
    return distance >= pointer.minOffset()
            && distance <= pointer.maxOffset()
            && (distance - pointer.minOffset()) % pointer.stride() == 0
        ? null
        : "%d bytes from the start".formatted(distance);
  }

  private static @Nullable String stackPointer(
      RegisterFact.Pointer pointer, long value, long framePointer) {
    boolean own = !(pointer.target() instanceof PointerTarget.CallersFrame);
    boolean callers = !(pointer.target() instanceof PointerTarget.OwnFrame);
    for (int up = own ? 0 : 1; up < (callers ? FRAMES : 1); up++) {
      long frame = framePointer - (long) up * StackUse.FRAME_BYTES;
      if (within(pointer, value - frame) == null) {
        return null;
      }
    }
    return "%d bytes from the frame pointer".formatted(value - framePointer);
  }

  private static @Nullable String mapValue(RegisterFact.Pointer pointer, long value, Run run) {
    long least = Math.max(pointer.minOffset(), pointer.minOffset() % pointer.stride() - FARTHEST);
    long most = Math.min(pointer.maxOffset(), FARTHEST);
    for (long offset = least; offset <= most; offset += pointer.stride()) {
      FieldHolder holder = run.fieldHolder(value - offset);
      if (holder instanceof RuntimeMap map && map.offsetOf(value - offset) == 0) {
        boolean other =
            pointer.target() instanceof PointerTarget.OfMap(String name)
                && !map.spec().name().equals(name);
        return other ? "a value of map " + map.spec().name() : null;
      }
    }
    return "no value of a map";
  }

  /// An access of the stack touches bytes that escape, or goes to the same place of the function's
  /// own frame each time.
  private void stack(Proven proven, ProgramSpec program, int slot, long[] registers) {
    int base;
    int offset;
    MemorySize size;
    switch (proven.code()[slot]) {
      case Instruction.Load i -> {
        base = i.src().number();
        offset = i.offset();
        size = i.size();
      }
      case Instruction.Store i -> {
        base = i.dst().number();
        offset = i.offset();
        size = i.size();
      }
      case null, default -> {
        return;
      }
    }
    long address = registers[base] + offset;
    for (Map.Entry<Long, Integer> frame : frames.entrySet()) {
      long top = frame.getKey();
      if (address < top && address >= top - StackUse.FRAME_BYTES && top <= registers[10]) {
        boolean fixed =
            top == registers[10]
                && proven.facts().before(slot, base) instanceof RegisterFact.Pointer pointer
                && pointer.target() instanceof PointerTarget.OwnFrame
                && pointer.isFixed();
        StackUse use = proven.facts().stackUse(frame.getValue());
        if (!fixed && !use.escapes((int) (address - top), size.bytes())) {
          throw new Violation(
              program,
              slot,
              "touches %d bytes at %d of function %d, which do not escape"
                  .formatted(size.bytes(), address - top, frame.getValue()));
        }
      }
    }
  }
}
