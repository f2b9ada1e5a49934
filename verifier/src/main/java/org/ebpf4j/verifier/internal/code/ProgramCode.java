package org.ebpf4j.verifier.internal.code;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.InstructionException;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.jspecify.annotations.Nullable;

/// A program's instructions by slot, its functions, and what of it only a host can fill in.
public final class ProgramCode {
  private static final int CALL = 0x85;

  /// In the source field of a call: a function of the program.
  private static final int LOCAL = 1;

  private static final long EXIT = 0x95;
  private static final long EXIT_OFFSET = 0xffff_0000L;

  private final ProgramSpec program;
  private final @Nullable Instruction[] instructions;
  private final @Nullable Reference[] references;
  private final boolean[] secondHalf;
  private final Subprogram[] subprograms;
  private final int[] subprogramAt;

  /// Finds the program's functions, and checks that jumps stay within them.
  ///
  /// @throws Refusal if not
  public ProgramCode(ProgramSpec program) {
    this.program = program;
    Bytecode bytecode = program.bytecode();
    int size = bytecode.size();
    instructions = new @Nullable Instruction[size];
    references = new @Nullable Reference[size];
    secondHalf = new boolean[size];
    for (int slot = 0; slot < size; slot++) {
      if (Bytecode.opcode(bytecode.slot(slot)) == 0x18) {
        instructions[slot] = decode(bytecode, slot);
        if (slot + 1 < size) {
          secondHalf[++slot] = true;
        }
      } else {
        instructions[slot] = decode(bytecode, slot);
      }
    }
    for (Reference reference : program.references()) {
      checkPlace("a reference", reference.slot());
      references[reference.slot()] = reference;
    }
    for (ProgramFunction function : program.functions()) {
      checkPlace("function " + function.name(), function.slot());
    }
    subprograms = findSubprograms();
    subprogramAt = new int[size];
    for (Subprogram subprogram : subprograms) {
      for (int slot = subprogram.start(); slot < subprogram.end(); slot++) {
        subprogramAt[slot] = subprogram.index();
      }
    }
    JumpCheck.check(this);
  }

  private void checkPlace(String what, int slot) {
    if (slot < 0 || slot >= instructions.length) {
      throw Refusal.at(
          Errno.EINVAL,
          0,
          "%s is at %d, outside of the program, which is 0 to %d"
              .formatted(what, slot, instructions.length - 1));
    }
  }

  /// What cannot be decoded is refused only where a path reaches it. Linux pays no heed to the
  /// offset of an exit.
  private static @Nullable Instruction decode(Bytecode bytecode, int slot) {
    if ((bytecode.slot(slot) & ~EXIT_OFFSET) == EXIT) {
      return new Instruction.Exit();
    }
    try {
      return InstructionCodec.decode(bytecode, slot);
    } catch (InstructionException e) {
      return null;
    }
  }

  public ProgramSpec program() {
    return program;
  }

  /// Slots in all.
  public int size() {
    return instructions.length;
  }

  /// The instruction at a slot, or nothing if the slot holds none that is known.
  public @Nullable Instruction at(int slot) {
    return instructions[slot];
  }

  /// The opcode at a slot, whether or not it is an instruction.
  public int opcode(int slot) {
    return Bytecode.opcode(program.bytecode().slot(slot));
  }

  /// The distance that a slot gives as a jump of 16 bits, or of 32 with `wide`.
  public int distance(int slot, boolean wide) {
    long bits = program.bytecode().slot(slot);
    return wide ? Bytecode.immediate(bits) : Bytecode.offset(bits);
  }

  public boolean isSecondHalf(int slot) {
    return secondHalf[slot];
  }

  /// What a host must fill in at a slot.
  public @Nullable Reference reference(int slot) {
    return references[slot];
  }

  /// The index of the function that catches exceptions, -1 for none.
  public int exceptionCallback() {
    for (Subprogram subprogram : subprograms) {
      if (subprogram.isExceptionCallback) {
        return subprogram.index();
      }
    }
    return -1;
  }

  public int subprogramCount() {
    return subprograms.length;
  }

  public Subprogram subprogram(int index) {
    return subprograms[index];
  }

  public Subprogram subprogramAt(int slot) {
    return subprograms[subprogramAt[slot]];
  }

  /// Whether types of all functions were given, as loaders hand them to Linux.
  public boolean hasFunctionTypes() {
    return !program.functions().isEmpty()
        && program.functions().stream().allMatch(function -> function.type() != 0);
  }

  /// The slot of the function that is called or whose address is taken, -1 if none is. Other fields
  /// of the instruction are looked at only where a path reaches it.
  public int functionAt(int slot) {
    return !secondHalf[slot] && refersToFunction(slot)
        ? slot + 1 + Bytecode.immediate(program.bytecode().slot(slot))
        : -1;
  }

  private boolean refersToFunction(int slot) {
    long bits = program.bytecode().slot(slot);
    return (Bytecode.opcode(bits) == CALL && Bytecode.src(bits) == LOCAL)
        || (instructions[slot] instanceof Instruction.LoadImmediate64 load
            && load.source() == Instruction.LoadImmediate64.Source.FUNCTION);
  }

  /// The index of the function that starts at a slot, -1 if none does.
  public int subprogramStarting(int slot) {
    if (slot < 0 || slot >= size()) {
      return -1;
    }
    Subprogram subprogram = subprogramAt(slot);
    return subprogram.start() == slot ? subprogram.index() : -1;
  }

  /// Slots where something is called or its address taken start functions too, for programs that
  /// come without a list of them.
  private Subprogram[] findSubprograms() {
    TreeSet<Integer> starts = new TreeSet<>();
    BitSet referred = new BitSet(size());
    referred.set(0);
    starts.add(0);
    for (ProgramFunction function : program.functions()) {
      starts.add(function.slot());
    }
    for (int slot = 0; slot < size(); slot++) {
      if (!secondHalf[slot] && refersToFunction(slot)) {
        int target = slot + 1 + Bytecode.immediate(program.bytecode().slot(slot));
        if (target < 0 || target >= size()) {
          throw Refusal.at(Errno.EINVAL, slot, "call to invalid destination");
        }
        starts.add(target);
        referred.set(target);
      }
    }
    List<Integer> sorted = new ArrayList<>(starts);
    Subprogram[] found = new Subprogram[sorted.size()];
    for (int i = 0; i < found.length; i++) {
      int start = sorted.get(i);
      int end = i + 1 < found.length ? sorted.get(i + 1) : size();
      found[i] = subprogram(i, start, end);
      found[i].isReferred = referred.get(start);
    }
    return found;
  }

  private Subprogram subprogram(int index, int start, int end) {
    for (ProgramFunction function : program.functions()) {
      if (function.slot() == start) {
        boolean global = index > 0 && function.global();
        return new Subprogram(index, start, end, function.name(), function.type(), global);
      }
    }
    return new Subprogram(index, start, end, "", 0, false);
  }
}
