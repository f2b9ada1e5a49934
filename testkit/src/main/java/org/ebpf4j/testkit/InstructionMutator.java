package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;

/// Changes one instruction of a program into another, mostly sensible one, as a mistake in a source
/// would: another bound, offset, register, comparison, width or helper, an instruction left out or
/// in the wrong place. Jumps and functions stay where they are.
public final class InstructionMutator {
  /// `goto +0`, which does nothing.
  private static final long NOTHING = 0x05;

  private static final int LOAD_IMMEDIATE_64 = 0x18;
  private static final int TRIES = 20;

  private final Chance chance;

  public InstructionMutator(long seed) {
    this.chance = new Chance(seed);
  }

  /// A program with one change.
  ///
  /// @param slot where
  public record Mutant(ProgramSpec program, int slot) {}

  /// The program with one instruction changed; unchanged if none was found that could be.
  public Mutant mutate(ProgramSpec program, List<String> maps) {
    long[] slots = program.bytecode().toSlots();
    List<Reference> references = new ArrayList<>(program.references());
    BitSet fixed = fixed(slots, references);
    for (int tries = 0; tries < TRIES; tries++) {
      if (!references.isEmpty() && maps.size() > 1 && chance.percent(3)) {
        int which = chance.below(references.size());
        if (references.get(which) instanceof Reference.MapHandle handle) {
          references.set(which, new Reference.MapHandle(handle.slot(), chance.pick(maps)));
          return new Mutant(with(program, slots, references), handle.slot());
        }
      }
      int slot = chance.below(slots.length);
      long old = slots[slot];
      if (!fixed.get(slot)) {
        slots[slot] = changed(slots, slot, fixed);
        if (slots[slot] != old) {
          return new Mutant(with(program, slots, references), slot);
        }
      }
    }
    return new Mutant(program, 0);
  }

  /// Loads of two slots, and what a host fills in.
  private static BitSet fixed(long[] slots, List<Reference> references) {
    BitSet fixed = new BitSet();
    for (int i = 0; i < slots.length; i++) {
      if (Bytecode.opcode(slots[i]) == LOAD_IMMEDIATE_64) {
        fixed.set(i, i + 2);
        i++;
      }
    }
    references.forEach(reference -> fixed.set(reference.slot()));
    return fixed;
  }

  private static ProgramSpec with(ProgramSpec program, long[] slots, List<Reference> references) {
    return new ProgramSpec(
        program.name(),
        program.section(),
        program.kind(),
        Bytecode.of(slots),
        program.functions(),
        references,
        program.relocations(),
        program.lines(),
        program.autoload());
  }

  private long changed(long[] slots, int slot, BitSet fixed) {
    long old = slots[slot];
    int opcode = Bytecode.opcode(old);
    return switch (chance.below(12)) {
      case 0, 1 -> withImmediate(old, Bytecode.immediate(old) + nearby());
      case 2 -> withImmediate(old, (int) chance.edge());
      case 3, 4 -> withOffset(old, Bytecode.offset(old) + nearby());
      case 5 -> (old & ~0xf00L) | (long) chance.below(11) << 8;
      case 6 -> (old & ~0xf000L) | (long) chance.below(11) << 12;
      case 7 -> (old & ~0xffL) | otherOperation(opcode);
      case 8 -> (old & ~0xffL) | (opcode & 0xf8) | otherClass(opcode);
      case 9 -> NOTHING;
      case 10 -> anotherOf(slots, fixed, old);
      default -> (opcode ^ 0x8) | (old & ~0xffL);
    };
  }

  private int nearby() {
    int distance = 1 << chance.below(6);
    return chance.percent(50) ? distance : -distance;
  }

  /// The upper bits: another operation of arithmetic, another comparison, another size of access.
  private long otherOperation(int opcode) {
    int kind = opcode & 7;
    boolean access = kind <= 3;
    return access
        ? (opcode & ~0x18L) | (long) chance.below(4) << 3
        : (opcode & ~0xf0L) | (long) chance.below(14) << 4;
  }

  /// 32 bits for 64 and back; a load for a store.
  private static long otherClass(int opcode) {
    return switch (opcode & 7) {
      case 1 -> 3;
      case 2 -> 3;
      case 3 -> 1;
      case 4 -> 7;
      case 7 -> 4;
      case 5 -> 6;
      default -> 5;
    };
  }

  private long anotherOf(long[] slots, BitSet fixed, long old) {
    int slot = chance.below(slots.length);
    return fixed.get(slot) ? old : slots[slot];
  }

  private static long withImmediate(long slot, int immediate) {
    return (slot & 0xffff_ffffL) | (long) immediate << 32;
  }

  private static long withOffset(long slot, int offset) {
    return (slot & ~0xffff_0000L) | (offset & 0xffffL) << 16;
  }
}
