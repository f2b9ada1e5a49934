package org.ebpf4j.testkit;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfWriter;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;

/// Spoils programs: bits of instructions, where functions begin, what instructions refer to, types.
/// What comes out need be no program at all.
public final class Mutator {
  private final Chance chance;

  public Mutator(long seed) {
    this.chance = new Chance(seed);
  }

  /// The program with a few things spoilt.
  public TestProgram mutate(TestProgram program) {
    ProgramSpec spec = program.program();
    long[] slots = spec.bytecode().toSlots();
    List<ProgramFunction> functions = new ArrayList<>(spec.functions());
    List<Reference> references = new ArrayList<>(spec.references());
    Btf btf = program.collection().btf();
    for (int count = chance.between(1, 6); count > 0; count--) {
      switch (chance.below(10)) {
        case 0 -> functions.set(chance.below(functions.size()), spoilt(functions));
        case 1 -> {
          if (!references.isEmpty()) {
            references.remove(chance.below(references.size()));
          }
        }
        case 2 -> btf = spoilt(btf);
        case 3 -> slots = cut(slots);
        default -> spoil(slots);
      }
    }
    ProgramSpec mutant =
        new ProgramSpec(
            spec.name(),
            spec.section(),
            spec.kind(),
            Bytecode.of(slots),
            functions,
            references,
            List.of(),
            List.of(),
            true);
    CollectionSpec old = program.collection();
    CollectionSpec collection =
        new CollectionSpec(
            old.name(),
            old.order(),
            old.license(),
            old.kernelVersion(),
            btf,
            old.maps(),
            Map.of(TestProgram.NAME, mutant));
    return new TestProgram(
        program.seed(), collection, program.contents(), program.inputs(), program.forms());
  }

  private void spoil(long[] slots) {
    if (slots.length == 0) {
      return;
    }
    int slot = chance.below(slots.length);
    switch (chance.below(6)) {
      case 0 -> slots[slot] ^= 1L << chance.below(64);
      case 1 -> slots[slot] = chance.number();
      case 2 -> slots[slot] = slots[chance.below(slots.length)];
      case 3 -> slots[slot] = (slots[slot] & ~0xffL) | chance.below(256);
      case 4 -> slots[slot] = (slots[slot] & 0xffff_ffffL) | chance.edge() << 32;
      default -> slots[slot] = (slots[slot] & ~0xffff_0000L) | (chance.edge() & 0xffff) << 16;
    }
  }

  private long[] cut(long[] slots) {
    return java.util.Arrays.copyOf(slots, chance.below(slots.length + 1));
  }

  private ProgramFunction spoilt(List<ProgramFunction> functions) {
    ProgramFunction old = chance.pick(functions);
    return new ProgramFunction(
        old.slot() + chance.between(-2, 2),
        old.slots() + chance.between(-2, 2),
        old.name(),
        chance.percent(50) ? old.type() : chance.below(40),
        chance.percent(50));
  }

  /// Types with a few bytes changed, if they can still be read.
  private Btf spoilt(Btf btf) {
    byte[] bytes = new BtfWriter(btf).toBytes();
    for (int count = chance.between(1, 4); count > 0; count--) {
      bytes[chance.below(bytes.length)] = (byte) chance.edge();
    }
    try {
      Btf read = BtfReader.read("mutant", bytes);
      return read.order().equals(ByteOrder.nativeOrder()) ? read : btf;
    } catch (ObjectFileException refused) {
      return btf;
    }
  }
}
