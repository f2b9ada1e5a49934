package org.ebpf4j.elf;

import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A BPF object file, taken apart: its sections, symbols and relocations.
///
/// @see ElfReader
public final class ElfFile {
  private final String name;
  private final ByteOrder order;
  private final List<ElfSection> sections;
  private final List<ElfSymbol> symbols;
  private final Map<Integer, List<ElfRelocation>> relocations;

  ElfFile(
      String name,
      ByteOrder order,
      List<ElfSection> sections,
      List<ElfSymbol> symbols,
      Map<Integer, List<ElfRelocation>> relocations) {
    this.name = name;
    this.order = order;
    this.sections = List.copyOf(sections);
    this.symbols = List.copyOf(symbols);
    this.relocations = new HashMap<>(relocations);
  }

  /// The file's name, for messages.
  public String name() {
    return name;
  }

  public ByteOrder order() {
    return order;
  }

  /// All sections by their index.
  public List<ElfSection> sections() {
    return sections;
  }

  /// The first section with this name.
  public Optional<ElfSection> section(String sectionName) {
    return sections.stream().filter(s -> s.name().equals(sectionName)).findFirst();
  }

  /// All symbols by their index.
  public List<ElfSymbol> symbols() {
    return symbols;
  }

  /// What is to be relocated in a section, in the file's order.
  public List<ElfRelocation> relocations(ElfSection section) {
    return relocations.getOrDefault(section.index(), List.of());
  }

  /// The section that a symbol is defined in.
  public ElfSection sectionOf(ElfSymbol symbol) {
    if (!symbol.defined()) {
      throw new IllegalArgumentException("symbol " + symbol.name() + " is in no section");
    }
    return sections.get(symbol.section());
  }

  /// An error about the file as a whole.
  public ObjectFileException error(String problem) {
    return new ObjectFileException(name, "", -1, problem);
  }
}
