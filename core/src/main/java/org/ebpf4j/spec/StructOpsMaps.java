package org.ebpf4j.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfRelocation;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;

/// Structs of kernel functions: every variable in `.struct_ops`, or in `.struct_ops.link` where a
/// link is to register it, is a map of one element, which is the struct. Relocations say which of
/// its members are programs.
final class StructOpsMaps {
  private static final String SECTION = ".struct_ops";
  private static final String LINKED_SECTION = ".struct_ops.link";

  /// `BPF_F_LINK`.
  private static final int LINK = 1 << 13;

  private StructOpsMaps() {}

  static boolean isStructOps(ElfSection section) {
    String name = section.name().startsWith("?") ? section.name().substring(1) : section.name();
    return section.type() == ElfSection.PROGBITS
        && (name.equals(SECTION) || name.equals(LINKED_SECTION));
  }

  /// The maps of a section, by their offset in it.
  ///
  /// @throws ObjectFileException if a variable is no struct, or a member is no program
  static Map<Integer, MapSpec> read(ElfFile elf, Btf btf, ElfSection section) {
    Map<Integer, MapSpec> maps = new LinkedHashMap<>();
    Optional<Integer> types = DataMaps.dataSection(btf, section.name());
    if (types.isEmpty() || !(btf.type(types.get()) instanceof BtfType.DataSection variables)) {
      throw section.error(-1, "its variables have no types; compile with -g");
    }
    for (BtfType.SectionVariable placed : variables.variables()) {
      if (!(btf.type(placed.type()) instanceof BtfType.Variable variable)
          || !(btf.resolved(variable.type()) instanceof BtfType.Composite struct)
          || struct.union()) {
        throw section.error(placed.offset(), "a variable here is no struct");
      }
      if (placed.offset() < 0 || placed.offset() + (long) struct.size() > section.size()) {
        throw section.error(
            placed.offset(), variable.name() + " reaches beyond the end of the section");
      }
      maps.put(placed.offset(), map(elf, section, placed.offset(), variable, btf, struct));
    }
    return maps;
  }

  private static MapSpec map(
      ElfFile elf,
      ElfSection section,
      int offset,
      BtfType.Variable variable,
      Btf btf,
      BtfType.Composite struct) {
    List<MapSpec.Slot> programs = new ArrayList<>();
    for (ElfRelocation relocation : elf.relocations(section)) {
      long member = relocation.offset() - offset;
      if (member >= 0 && member < struct.size()) {
        programs.add(new MapSpec.Slot((int) member, program(section, relocation)));
      }
    }
    return new MapSpec(
        variable.name(),
        MapType.STRUCT_OPS.number(),
        Integer.BYTES,
        struct.size(),
        1,
        section.name().endsWith(LINKED_SECTION) ? LINK : 0,
        0,
        0,
        0,
        btf.resolve(variable.type()),
        false,
        Optional.empty(),
        new MapSpec.Contents.Operations(
            Arrays.copyOfRange(section.data().bytes(), offset, offset + struct.size()), programs));
  }

  private static String program(ElfSection section, ElfRelocation relocation) {
    ElfSymbol symbol = relocation.symbol();
    if (symbol.type() != ElfSymbol.FUNC || !symbol.defined()) {
      throw section.error(
          relocation.offset(),
          "a member is initialised with %s, which is no program of this object"
              .formatted(symbol.name().isEmpty() ? "symbol " + symbol.index() : symbol.name()));
    }
    return symbol.name();
  }
}
