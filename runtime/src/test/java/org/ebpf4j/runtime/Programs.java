package org.ebpf4j.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.LoadImmediate64.Source;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.spec.Reference;

/// Programs from a few lines of assembly.
final class Programs {
  /// For programs over bare memory and those that fail on purpose: what runs checked.
  static final LoadOptions UNVERIFIED = LoadOptions.defaults().withUnverified(true);

  private Programs() {}

  /// A program named `test` in a section.
  static ProgramSpec program(String section, String text) {
    return program("test", section, text, List.of());
  }

  /// A program that loads map `i` of the list by `ld_pseudo REGISTER, 1, i`.
  static ProgramSpec program(String name, String section, String text, List<MapSpec> maps) {
    return program(name, section, Assembler.assemble(text), maps);
  }

  static ProgramSpec program(String name, String section, Bytecode code, List<MapSpec> maps) {
    return new ProgramSpec(
        name,
        section,
        new ProgramKind(Optional.empty(), Optional.empty(), "", false, false),
        code,
        List.of(new ProgramFunction(0, code.size(), name, 0, true)),
        maps.isEmpty() ? List.of() : references(code, maps),
        List.of(),
        List.of(),
        true);
  }

  private static List<Reference> references(Bytecode code, List<MapSpec> maps) {
    List<Reference> references = new ArrayList<>();
    int slot = 0;
    for (Instruction instruction : InstructionCodec.decode(code)) {
      if (instruction instanceof Instruction.LoadImmediate64 load
          && load.source() == Source.MAP_FD) {
        references.add(new Reference.MapHandle(slot, maps.get(load.low()).name()));
      }
      slot += instruction.slots();
    }
    return references;
  }

  /// A collection of one program without maps.
  static CollectionSpec collection(String section, String text) {
    return CollectionSpec.of(program(section, text));
  }
}
