package org.ebpf4j.elf;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads relocatable 64-bit ELF files for BPF, of either byte order, as clang writes them.
///
/// Every offset and size is checked against the file before it is used. Sources: the ELF-64
/// specification (elf(5)); the machine number of BPF in Linux's `include/uapi/linux/elf-em.h`.
public final class ElfReader {
  private static final int HEADER_BYTES = 64;
  private static final int SECTION_HEADER_BYTES = 64;
  private static final int SYMBOL_BYTES = 24;
  private static final int RELOCATION_BYTES = 16;

  private static final int MAGIC = 0x7f454c46;
  private static final int CLASS_32 = 1;
  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN = 1;
  private static final int BIG_ENDIAN = 2;
  private static final int RELOCATABLE = 1;
  private static final int MACHINE_BPF = 247;

  private final String name;
  private final SectionData file;

  private ElfReader(String name, SectionData file) {
    this.name = name;
    this.file = file;
  }

  /// Takes an object file apart.
  ///
  /// @param name the file's name, for messages
  /// @param bytes the whole file; not copied, and must not change
  /// @throws ObjectFileException if it is not an ELF file for BPF, or broken
  public static ElfFile read(String name, byte[] bytes) {
    SectionData file = SectionData.of(name, "", bytes, ByteOrder.BIG_ENDIAN);
    return new ElfReader(name, file.withOrder(checkIdentification(file))).read();
  }

  private static ByteOrder checkIdentification(SectionData file) {
    if (file.size() < Integer.BYTES || file.i32(0) != MAGIC) {
      throw file.error(
          -1, "not an ELF object file; compile the program with clang -O2 -g -target bpf -c");
    }
    int elfClass = file.u8(4);
    if (elfClass != CLASS_64) {
      throw file.error(
          4,
          elfClass == CLASS_32
              ? "a 32-bit ELF file; BPF objects are 64-bit, compile with -target bpf"
              : "unknown ELF class " + elfClass);
    }
    int data = file.u8(5);
    return switch (data) {
      case LITTLE_ENDIAN -> ByteOrder.LITTLE_ENDIAN;
      case BIG_ENDIAN -> ByteOrder.BIG_ENDIAN;
      default -> throw file.error(5, "unknown byte order " + data);
    };
  }

  private ElfFile read() {
    checkHeader();
    List<ElfSection> sections = readSections();
    List<ElfSymbol> symbols = new ArrayList<>();
    for (ElfSection section : sections) {
      if (section.type() == ElfSection.SYMTAB) {
        if (!symbols.isEmpty()) {
          throw section.error(-1, "a second symbol table; an object has one");
        }
        symbols = readSymbols(section, sections);
      }
    }
    Map<Integer, List<ElfRelocation>> relocations = new HashMap<>();
    for (ElfSection section : sections) {
      if (section.type() == ElfSection.REL) {
        readRelocations(section, sections, symbols, relocations);
      }
    }
    return new ElfFile(name, file.order(), sections, symbols, relocations);
  }

  private void checkHeader() {
    if (file.size() < HEADER_BYTES) {
      throw file.error(
          file.size(), "cut off: an ELF header has " + HEADER_BYTES + " bytes, this file fewer");
    }
    int type = file.u16(16);
    int machine = file.u16(18);
    // Old assemblers leave the machine 0; libbpf takes that as well.
    if (machine != MACHINE_BPF && machine != 0) {
      throw file.error(18, "made for machine %d, not for BPF (%d)".formatted(machine, MACHINE_BPF));
    }
    if (type != RELOCATABLE) {
      throw file.error(16, "not a relocatable object (ELF type " + type + "); do not link it");
    }
  }

  private List<ElfSection> readSections() {
    long table = file.i64(40);
    int entrySize = file.u16(58);
    int count = file.u16(60);
    int namesIndex = file.u16(62);
    if (table == 0 || count == 0) {
      throw file.error(60, "no sections: nothing to load");
    }
    if (entrySize != SECTION_HEADER_BYTES) {
      throw file.error(58, "section headers of %d bytes, not 64".formatted(entrySize));
    }
    SectionData headers = file.slice("", table, (long) count * SECTION_HEADER_BYTES);
    if (namesIndex >= count) {
      throw file.error(62, "section names are in section %d of %d".formatted(namesIndex, count));
    }
    StringTable names = new StringTable(contents(headers, namesIndex, "section names", table));
    List<ElfSection> sections = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sections.add(readSection(headers, i, names, table));
    }
    return sections;
  }

  private ElfSection readSection(SectionData headers, int index, StringTable names, long table) {
    int header = index * SECTION_HEADER_BYTES;
    String sectionName = names.at(headers.u32(header));
    return new ElfSection(
        index,
        sectionName,
        headers.i32(header + 4),
        headers.i64(header + 8),
        headers.i64(header + 32),
        headers.i32(header + 40),
        headers.i32(header + 44),
        contents(headers, index, sectionName, table));
  }

  private SectionData contents(SectionData headers, int index, String sectionName, long table) {
    int header = index * SECTION_HEADER_BYTES;
    int type = headers.i32(header + 4);
    long offset = headers.i64(header + 24);
    long size = headers.i64(header + 32);
    if (type == ElfSection.NULL || type == ElfSection.NOBITS) {
      if (size < 0) {
        throw file.error(
            table + header + 32, "section %s has a size over 2^63".formatted(sectionName));
      }
      return file.slice(sectionName, 0, 0);
    }
    if (offset < 0 || size < 0 || offset > file.size() || size > file.size() - offset) {
      throw file.error(
          table + header + 24,
          "cut off or corrupt: section %s is at 0x%x with 0x%x bytes, the file has 0x%x"
              .formatted(sectionName, offset, size, file.size()));
    }
    return file.slice(sectionName, offset, size);
  }

  private static List<ElfSymbol> readSymbols(ElfSection table, List<ElfSection> sections) {
    SectionData data = table.data();
    checkEntries(table, SYMBOL_BYTES, "symbol");
    StringTable names = new StringTable(linked(table, sections).data());
    int count = data.size() / SYMBOL_BYTES;
    List<ElfSymbol> symbols = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int entry = i * SYMBOL_BYTES;
      int info = data.u8(entry + 4);
      int section = data.u16(entry + 6);
      if (section < ElfSymbol.FIRST_RESERVED && section >= sections.size()) {
        throw data.error(
            entry + 6, "symbol in section %d of %d".formatted(section, sections.size()));
      }
      symbols.add(
          new ElfSymbol(
              i,
              names.at(data.u32(entry)),
              data.i64(entry + 8),
              data.i64(entry + 16),
              info & 0xf,
              info >> 4,
              data.u8(entry + 5) & 3,
              section));
    }
    return symbols;
  }

  private static void readRelocations(
      ElfSection table,
      List<ElfSection> sections,
      List<ElfSymbol> symbols,
      Map<Integer, List<ElfRelocation>> relocations) {
    if (table.info() <= 0 || table.info() >= sections.size()) {
      throw table.error(-1, "relocates section %d, which is not there".formatted(table.info()));
    }
    SectionData data = table.data();
    checkEntries(table, RELOCATION_BYTES, "relocation");
    int count = data.size() / RELOCATION_BYTES;
    List<ElfRelocation> into =
        relocations.computeIfAbsent(table.info(), section -> new ArrayList<>());
    for (int i = 0; i < count; i++) {
      int entry = i * RELOCATION_BYTES;
      long offset = data.i64(entry);
      long info = data.i64(entry + 8);
      long symbol = info >>> 32;
      if (symbol >= symbols.size()) {
        throw data.error(entry + 8, "refers to symbol %d of %d".formatted(symbol, symbols.size()));
      }
      into.add(new ElfRelocation(offset, (int) info, symbols.get((int) symbol)));
    }
  }

  private static void checkEntries(ElfSection table, int entrySize, String what) {
    if (table.data().size() % entrySize != 0) {
      throw table.error(
          table.data().size(),
          "%d bytes are no whole number of %s entries of %d bytes"
              .formatted(table.data().size(), what, entrySize));
    }
  }

  private static ElfSection linked(ElfSection section, List<ElfSection> sections) {
    int link = section.link();
    if (link <= 0 || link >= sections.size()) {
      throw section.error(-1, "its strings are in section %d, which is not there".formatted(link));
    }
    return sections.get(link);
  }
}
