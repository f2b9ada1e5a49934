package org.ebpf4j.jit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.spec.Reference;

/// XDP programs from assembly.
final class Sources {
  static final String NAME = "test";
  static final String PROGRAMS = "programs";
  static final LoadOptions UNVERIFIED = LoadOptions.defaults().withUnverified(true);

  private Sources() {}

  static CollectionSpec xdp(String text) {
    return CollectionSpec.of(program(ProgramType.XDP, "xdp", text, List.of()));
  }

  /// A traffic-control program.
  static CollectionSpec tc(String text) {
    return CollectionSpec.of(program(ProgramType.SCHED_CLS, "tc", text, List.of()));
  }

  /// A collection with a program array of one element, which a program of the collection loads by
  /// `ld_pseudo REGISTER, 1, 0`.
  static CollectionSpec xdpWithPrograms(String text) {
    return xdpWithMap(MapSpec.of(PROGRAMS, MapType.PROG_ARRAY, 4, 4, 1), text);
  }

  /// A collection with a map, which a program of the collection loads by `ld_pseudo REGISTER, 1,
  /// 0`.
  static CollectionSpec xdpWithMap(MapSpec map, String text) {
    List<Reference> references = new ArrayList<>();
    int slot = 0;
    for (Instruction instruction : InstructionCodec.decode(Assembler.assemble(text))) {
      if (instruction instanceof Instruction.LoadImmediate64 load
          && load.source() != Instruction.LoadImmediate64.Source.FUNCTION) {
        references.add(new Reference.MapHandle(slot, map.name()));
      }
      slot += instruction.slots();
    }
    return CollectionSpec.of(
        List.of(map), List.of(program(ProgramType.XDP, "xdp", text, references)));
  }

  /// A program for a place of its own, with maps that it loads by `ld_pseudo REGISTER, 1, NUMBER`,
  /// and their first values by `ld_pseudo REGISTER, 2, NUMBER`.
  static CollectionSpec of(ProgramKind kind, String section, String text, MapSpec... maps) {
    List<Reference> references = new ArrayList<>();
    int slot = 0;
    for (Instruction instruction : InstructionCodec.decode(Assembler.assemble(text))) {
      if (instruction instanceof Instruction.LoadImmediate64 load) {
        switch (load.source()) {
          case MAP_FD -> references.add(new Reference.MapHandle(slot, maps[load.low()].name()));
          case MAP_VALUE ->
              references.add(new Reference.MapData(slot, maps[load.low()].name(), load.high()));
          default -> {
            // Says itself what it loads.
          }
        }
      }
      slot += instruction.slots();
    }
    return CollectionSpec.of(List.of(maps), List.of(program(kind, section, text, references)));
  }

  /// A fault's message without what differs from host to host: addresses, and what happens to lie
  /// near one that is far from all that the run may touch.
  static String message(ProgramFault fault) {
    return String.valueOf(fault.getMessage())
        .replaceAll("0x[0-9a-f]{5,}", "ADDRESS")
        .replaceAll(
            "no region of this run is near|\\d{3,} bytes (before|past the end of) .*", "FAR AWAY");
  }

  private static ProgramSpec program(
      ProgramType type, String section, String text, List<Reference> references) {
    return program(
        new ProgramKind(Optional.of(type), Optional.empty(), "", false, false),
        section,
        text,
        references);
  }

  private static ProgramSpec program(
      ProgramKind kind, String section, String text, List<Reference> references) {
    Bytecode code = Assembler.assemble(text);
    return new ProgramSpec(
        NAME,
        section,
        kind,
        code,
        List.of(new ProgramFunction(0, code.size(), NAME, 0, true)),
        references,
        List.of(),
        List.of(),
        true);
  }
}
