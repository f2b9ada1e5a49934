package org.ebpf4j.spec;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;

/// All maps of an object file, by name and by the place that instructions refer to them with.
final class ObjectMaps {
  /// Global variables in an arena.
  private static final String ARENA_DATA = ".addr_space.1";

  private final ElfFile elf;
  private final Map<String, MapSpec> byName = new LinkedHashMap<>();

  /// By section index: what instructions refer to by the start of a definition.
  private final Map<Integer, Map<Integer, MapSpec>> definitions = new HashMap<>();

  /// By section index: what instructions refer into.
  private final Map<Integer, MapSpec> data = new HashMap<>();

  private final Iproute2Maps iproute2 = new Iproute2Maps();

  private ObjectMaps(ElfFile elf) {
    this.elf = elf;
  }

  /// @param btf the object's types, with the variables placed in their sections
  /// @throws ObjectFileException if a map's definition makes no sense
  static ObjectMaps read(ElfFile elf, Btf btf, Externs externs) {
    ObjectMaps maps = new ObjectMaps(elf);
    for (ElfSection section : elf.sections()) {
      if (section.name().equals(DefinedMaps.SECTION) && section.size() != 0) {
        maps.define(section, DefinedMaps.read(elf, btf, section));
      } else if (LegacyMaps.isMaps(section)) {
        maps.define(section, LegacyMaps.read(elf, section, maps.iproute2));
      } else if (StructOpsMaps.isStructOps(section) && section.size() != 0) {
        maps.define(section, StructOpsMaps.read(elf, btf, section));
      }
    }
    for (ElfSection section : elf.sections()) {
      if (DataMaps.isData(section) && section.size() != 0) {
        MapSpec map = DataMaps.read(section, btf);
        maps.add(section, map);
        maps.data.put(section.index(), map);
      } else if (section.name().equals(ARENA_DATA)) {
        maps.fillArena(section);
      }
    }
    externs
        .kconfigMap(DataMaps.dataSection(btf, Externs.KCONFIG).orElse(0))
        .ifPresent(map -> maps.byName.put(map.name(), map));
    return maps;
  }

  /// All maps by name, those with a definition first.
  ///
  /// @param programs of the object, of which some may say by their section's name in which program
  ///   array they begin
  Map<String, MapSpec> byName(Map<String, ProgramSpec> programs) {
    iproute2
        .tailCalls(programs)
        .forEach((array, slots) ->
            byName.computeIfPresent(
                array, (name, map) -> map.withContents(new MapSpec.Contents.Slots(slots))));
    return byName;
  }

  /// The same programs, with types for those that only their place in a program array tells of.
  Map<String, ProgramSpec> typed(Map<String, ProgramSpec> programs) {
    return iproute2.typed(programs);
  }

  /// The reference that an instruction makes to a symbol of a section of maps or data; empty if the
  /// symbol's section is neither.
  ///
  /// @param addend what the instruction adds to the symbol's place
  /// @throws ObjectFileException if there is no map, or none that starts there
  Optional<Reference> reference(int slot, ElfSymbol symbol, int addend) {
    long offset = symbol.value() + addend;
    MapSpec into = data.get(symbol.section());
    if (into != null) {
      boolean inside = offset >= 0 && offset < dataSize(symbol, into);
      if (!inside) {
        throw elf.sectionOf(symbol)
            .error(offset, "an instruction refers to this place, which is outside of the section");
      }
      return Optional.of(new Reference.MapData(slot, into.name(), (int) offset));
    }
    Map<Integer, MapSpec> defined = definitions.get(symbol.section());
    if (defined == null) {
      return Optional.empty();
    }
    MapSpec map = offset < 0 || offset > Integer.MAX_VALUE ? null : defined.get((int) offset);
    if (map == null) {
      throw elf.sectionOf(symbol)
          .error(
              offset,
              "an instruction refers to this place, where no map starts (symbol %s)"
                  .formatted(symbol.name()));
    }
    return Optional.of(new Reference.MapHandle(slot, map.name()));
  }

  private long dataSize(ElfSymbol symbol, MapSpec map) {
    return Math.max(elf.sectionOf(symbol).size(), map.valueSize());
  }

  private void define(ElfSection section, Map<Integer, MapSpec> maps) {
    definitions.put(section.index(), maps);
    maps.values().forEach(map -> add(section, map));
  }

  private void add(ElfSection section, MapSpec map) {
    if (byName.putIfAbsent(map.name(), map) != null) {
      throw section.error(-1, "a second map named " + map.name());
    }
  }

  private void fillArena(ElfSection section) {
    MapSpec arena =
        byName.values().stream()
            .filter(map -> map.typeNumber() == MapType.ARENA.number())
            .findFirst()
            .orElseThrow(
                () -> section.error(-1, "variables of an arena, and no arena map in the object"));
    MapSpec filled =
        section.type() == ElfSection.NOBITS
            ? arena
            : arena.withContents(new MapSpec.Contents.Data(section.data().bytes(), false));
    byName.put(arena.name(), filled);
    data.put(section.index(), filled);
  }
}
