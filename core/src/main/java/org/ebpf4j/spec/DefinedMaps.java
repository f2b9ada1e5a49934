package org.ebpf4j.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfRelocation;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;

/// The maps of the section `.maps`, which BTF defines, and what they are initialised with.
final class DefinedMaps {
  /// The section they are in.
  static final String SECTION = ".maps";

  private static final int POINTER_BYTES = BtfLayout.POINTER_BYTES;

  private final ElfFile elf;
  private final Btf btf;
  private final ElfSection section;
  private final NavigableMap<Integer, Definition> definitions = new TreeMap<>();

  private record Definition(int offset, int size, int valuesOffset, MapSpec map) {}

  private DefinedMaps(ElfFile elf, Btf btf, ElfSection section) {
    this.elf = elf;
    this.btf = btf;
    this.section = section;
  }

  /// The maps of a section by their offset in it.
  ///
  /// @param btf the object's types, with the variables placed in their sections
  /// @throws ObjectFileException if a definition or an initial value makes no sense
  static Map<Integer, MapSpec> read(ElfFile elf, Btf btf, ElfSection section) {
    DefinedMaps reader = new DefinedMaps(elf, btf, section);
    reader.readDefinitions();
    reader.readValues();
    Map<Integer, MapSpec> maps = new TreeMap<>();
    reader.definitions.forEach((offset, definition) -> maps.put(offset, definition.map()));
    return maps;
  }

  private void readDefinitions() {
    int id =
        DataMaps.dataSection(btf, section.name())
            .orElseThrow(
                () -> section.error(-1, "BTF does not describe these maps; compile with -g"));
    BtfLayout layout = new BtfLayout(btf);
    for (BtfType.SectionVariable placed : ((BtfType.DataSection) btf.type(id)).variables()) {
      if (!(btf.type(placed.type()) instanceof BtfType.Variable variable)) {
        throw section.error(placed.offset(), "something other than a variable is here");
      }
      MapSpec map = MapDefinition.read(variable.name(), variable.type(), btf, layout, section);
      Definition definition =
          new Definition(placed.offset(), placed.size(), valuesOffset(variable), map);
      if (definitions.putIfAbsent(placed.offset(), definition) != null) {
        throw section.error(placed.offset(), "two maps are defined here");
      }
    }
  }

  private int valuesOffset(BtfType.Variable variable) {
    if (btf.resolved(variable.type()) instanceof BtfType.Composite struct) {
      for (BtfType.Member member : struct.members()) {
        if (member.name().equals(MapDefinition.VALUES)) {
          return member.bitOffset() / Byte.SIZE;
        }
      }
    }
    return Integer.MAX_VALUE;
  }

  private void readValues() {
    Map<Integer, List<MapSpec.Slot>> slots = new TreeMap<>();
    for (ElfRelocation relocation : elf.relocations(section)) {
      Definition definition = definitionAt(relocation.offset());
      long fromValues = relocation.offset() - definition.offset() - definition.valuesOffset();
      if (fromValues < 0 || fromValues % POINTER_BYTES != 0) {
        throw section.error(
            relocation.offset(),
            "map %s is initialised outside of its 'values'".formatted(definition.map().name()));
      }
      slots
          .computeIfAbsent(definition.offset(), offset -> new ArrayList<>())
          .add(
              new MapSpec.Slot((int) (fromValues / POINTER_BYTES), target(relocation, definition)));
    }
    slots.forEach((offset, values) ->
        definitions.computeIfPresent(
            offset,
            (o, d) ->
                new Definition(
                    d.offset(),
                    d.size(),
                    d.valuesOffset(),
                    d.map().withContents(new MapSpec.Contents.Slots(values)))));
  }

  private Definition definitionAt(long offset) {
    Map.Entry<Integer, Definition> entry =
        offset < 0 || offset > section.size() - POINTER_BYTES
            ? null
            : definitions.floorEntry((int) offset);
    if (entry == null || offset - entry.getKey() > entry.getValue().size() - POINTER_BYTES) {
      throw section.error(offset, "a relocation that belongs to no map");
    }
    return entry.getValue();
  }

  private String target(ElfRelocation relocation, Definition definition) {
    ElfSymbol symbol = relocation.symbol();
    boolean programs = definition.map().typeNumber() == MapType.PROG_ARRAY.number();
    if (programs && symbol.type() == ElfSymbol.FUNC && symbol.defined()) {
      return symbol.name();
    }
    if (!programs && symbol.section() == section.index()) {
      long at = symbol.value() + section.data().i64(relocation.offset());
      Definition target = at < 0 || at > Integer.MAX_VALUE ? null : definitions.get((int) at);
      if (target != null) {
        return target.map().name();
      }
    }
    throw section.error(
        relocation.offset(),
        "map %s is initialised with %s, which is no %s of this object"
            .formatted(
                definition.map().name(),
                symbol.name().isEmpty() ? "symbol " + symbol.index() : symbol.name(),
                programs ? "program" : "map"));
  }
}
