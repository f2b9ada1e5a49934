package org.ebpf4j.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.elf.ElfFile;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ElfSymbol;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.elf.SectionData;

/// The maps of a section `maps`, as objects had them before BTF: an array of structs. Decoders of
/// infrared protocols have theirs in `lirc_mode2/maps`.
///
///      0         4            8              12              16            20
///     ┌─────────┬────────────┬──────────────┬───────────────┬─────────────┬┄┄┄┄┄┄┄┄┄┄┄┄┄┐
///     │  type   │  key_size  │  value_size  │  max_entries  │  map_flags  │ zeros, if any
///     └─────────┴────────────┴──────────────┴───────────────┴─────────────┴┄┄┄┄┄┄┄┄┄┄┄┄┄┘
///
/// Those of 36 bytes are iproute2's, where more than zeros may follow ([Iproute2Maps]).
final class LegacyMaps {
  private static final int DEFINITION_BYTES = 20;

  private LegacyMaps() {}

  /// Whether a section holds such maps.
  static boolean isMaps(ElfSection section) {
    return section.type() == ElfSection.PROGBITS
        && (section.name().equals("maps")
            || section.name().startsWith("maps/")
            || section.name().endsWith("/maps"));
  }

  /// The maps of a section by their offset in it.
  ///
  /// @param iproute2 takes what definitions of iproute2's say beyond those of others
  /// @throws ObjectFileException if the section is not an array of definitions, one a symbol
  static Map<Integer, MapSpec> read(ElfFile elf, ElfSection section, Iproute2Maps iproute2) {
    List<ElfSymbol> symbols = new ArrayList<>();
    for (ElfSymbol symbol : elf.symbols()) {
      if (symbol.section() == section.index()
          && symbol.type() != ElfSymbol.SECTION
          && !symbol.name().isEmpty()) {
        symbols.add(symbol);
      }
    }
    if (symbols.isEmpty()) {
      return Map.of();
    }
    int size = section.data().size() / symbols.size();
    if (section.data().size() % symbols.size() != 0 || size < DEFINITION_BYTES) {
      throw section.error(
          -1,
          "%d maps in %d bytes; each takes the same number, at least 20"
              .formatted(symbols.size(), section.data().size()));
    }
    symbols.sort(Comparator.comparingLong(ElfSymbol::value));
    Map<Integer, MapSpec> maps = new TreeMap<>();
    for (int i = 0; i < symbols.size(); i++) {
      ElfSymbol symbol = symbols.get(i);
      if (symbol.value() != (long) i * size) {
        throw section.error(
            symbol.value(),
            "map %s is not where the other maps leave room for it, at 0x%x"
                .formatted(symbol.name(), i * size));
      }
      MapSpec map = definition(section.data(), symbol.name(), i * size, size);
      maps.put(
          i * size,
          size == Iproute2Maps.DEFINITION_BYTES
              ? iproute2.add(section.data(), i * size, map)
              : map);
    }
    return size == Iproute2Maps.DEFINITION_BYTES ? iproute2.maps() : maps;
  }

  private static MapSpec definition(SectionData data, String name, int at, int size) {
    int known = size == Iproute2Maps.DEFINITION_BYTES ? size : DEFINITION_BYTES;
    for (int i = at + known; i < at + size; i++) {
      if (data.u8(i) != 0) {
        throw data.error(
            i,
            "map %s uses a field that only an older loader knows; define it by BTF"
                .formatted(name));
      }
    }
    int keySize = data.i32(at + 4);
    int valueSize = data.i32(at + 8);
    if (keySize < 0 || valueSize < 0) {
      throw data.error(at + 4, "map %s has keys or values of 2^31 bytes or more".formatted(name));
    }
    return new MapSpec(
        name,
        data.i32(at),
        keySize,
        valueSize,
        data.i32(at + 12),
        data.i32(at + 16),
        0,
        0,
        0,
        0,
        false,
        Optional.empty(),
        new MapSpec.Contents.None());
  }
}
