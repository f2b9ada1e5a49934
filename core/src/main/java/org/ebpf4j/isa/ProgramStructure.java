package org.ebpf4j.isa;

import static org.ebpf4j.isa.InstructionException.Field.IMMEDIATE;
import static org.ebpf4j.isa.InstructionException.Field.OFFSET;
import static org.ebpf4j.isa.InstructionException.Field.OPCODE;

import java.util.Arrays;
import java.util.TreeSet;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.Exit;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.MayGoto;
import org.ebpf4j.isa.InstructionException.Field;
import org.jspecify.annotations.Nullable;

/// A program whose shape is sound: every slot decodes, every jump and call lands on an instruction,
/// jumps stay in their function, and no function runs off its end. Engines run nothing less;
/// whether what the program computes is safe, is the verifier's to say.
///
/// A function starts at slot 0, where a call goes, and where a 64-bit immediate load takes a
/// function's address; it ends where the next one starts. Source: `check_subprogs` and `check_cfg`
/// in Linux's `kernel/bpf/verifier.c`.
public final class ProgramStructure {
  /// Slots that a program can have at most: `BPF_COMPLEXITY_LIMIT_INSNS`.
  public static final int MAX_SLOTS = 1_000_000;

  private final Bytecode bytecode;
  private final @Nullable Instruction[] bySlot;
  private final int[] functions;

  private ProgramStructure(Bytecode bytecode, int[] more) {
    this.bytecode = bytecode;
    this.bySlot = decode(bytecode);
    this.functions = findFunctions(more);
  }

  /// Checks a program.
  ///
  /// @param more where functions start that no instruction refers to: exception callbacks
  /// @throws InstructionException for the first instruction that is wrong
  public static ProgramStructure check(Bytecode bytecode, int... more) {
    if (bytecode.size() == 0) {
      throw new InstructionException(0, OPCODE, "the program is empty; it needs an exit at least");
    }
    if (bytecode.size() > MAX_SLOTS) {
      throw new InstructionException(
          MAX_SLOTS,
          OPCODE,
          "the program has %d slots, the most are %d".formatted(bytecode.size(), MAX_SLOTS));
    }
    ProgramStructure structure = new ProgramStructure(bytecode, more);
    for (int i = 0; i < structure.functions.length; i++) {
      structure.checkFunction(structure.functions[i], structure.functionEnd(i));
    }
    return structure;
  }

  public Bytecode bytecode() {
    return bytecode;
  }

  /// Whether an instruction starts at the slot; else it is the second half of one.
  public boolean startsInstruction(int slot) {
    return bySlot[slot] != null;
  }

  /// The instruction that starts at the slot.
  ///
  /// @throws IllegalArgumentException if none starts there
  public Instruction instruction(int slot) {
    Instruction instruction = bySlot[slot];
    if (instruction == null) {
      throw new IllegalArgumentException("no instruction starts at slot " + slot);
    }
    return instruction;
  }

  /// Number of functions, at least 1.
  public int functionCount() {
    return functions.length;
  }

  /// The first slot of a function, by its index in ascending order; function 0 starts at slot 0.
  public int functionStart(int index) {
    return functions[index];
  }

  /// The slot after the last one of a function.
  public int functionEnd(int index) {
    return index + 1 < functions.length ? functions[index + 1] : bytecode.size();
  }

  private static @Nullable Instruction[] decode(Bytecode bytecode) {
    @Nullable Instruction[] bySlot = new @Nullable Instruction[bytecode.size()];
    for (int slot = 0; slot < bySlot.length; ) {
      Instruction instruction = InstructionCodec.decode(bytecode, slot);
      bySlot[slot] = instruction;
      slot += instruction.slots();
    }
    return bySlot;
  }

  private int[] findFunctions(int[] more) {
    TreeSet<Integer> starts = new TreeSet<>();
    starts.add(0);
    for (int start : more) {
      starts.add(start);
    }
    for (int slot = 0; slot < bySlot.length; slot++) {
      Instruction instruction = bySlot[slot];
      if (instruction instanceof CallLocal(int offset)) {
        starts.add(target(slot, IMMEDIATE, offset, 0, bySlot.length));
      } else if (instruction instanceof LoadImmediate64 load
          && load.source() == LoadImmediate64.Source.FUNCTION) {
        starts.add(target(slot, IMMEDIATE, load.low(), 0, bySlot.length));
      }
    }
    return starts.stream().mapToInt(Integer::intValue).toArray();
  }

  private void checkFunction(int start, int end) {
    int last = start;
    for (int slot = start; slot < end; slot++) {
      Instruction instruction = bySlot[slot];
      if (instruction == null) {
        continue;
      }
      last = slot;
      checkJump(slot, instruction, start, end);
    }
    if (!(bySlot[last] instanceof Exit || bySlot[last] instanceof Goto)) {
      throw new InstructionException(
          last, OPCODE, "a function must end with an exit or an unconditional jump");
    }
  }

  private void checkJump(int slot, Instruction instruction, int start, int end) {
    switch (instruction) {
      case Jump jump -> target(slot, OFFSET, jump.offset(), start, end);
      case MayGoto(short offset) -> target(slot, OFFSET, offset, start, end);
      case Goto(int offset, boolean wide) ->
          target(slot, wide ? IMMEDIATE : OFFSET, offset, start, end);
      default -> {}
    }
  }

  private int target(int slot, Field field, int offset, int start, int end) {
    long target = slot + 1L + offset;
    if (target < start || target >= end) {
      String limits = start == 0 && end == bySlot.length ? "program" : "function";
      throw new InstructionException(
          slot,
          field,
          "goes to %d, outside of its %s, which is %d to %d"
              .formatted(target, limits, start, end - 1));
    }
    if (bySlot[(int) target] == null) {
      throw new InstructionException(
          slot, field, "goes to %d, the middle of a 64-bit immediate load".formatted(target));
    }
    return (int) target;
  }

  @Override
  public String toString() {
    return "ProgramStructure" + Arrays.toString(functions);
  }
}
