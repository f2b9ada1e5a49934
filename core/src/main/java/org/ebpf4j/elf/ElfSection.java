package org.ebpf4j.elf;

/// A section of an [ElfFile].
///
/// @param index its place in the section header table
/// @param name its name, such as `.text` or `xdp`
/// @param type `sh_type`, see the constants here
/// @param flags `sh_flags`
/// @param size bytes it stands for; a [#NOBITS] section has none of them in the file
/// @param link `sh_link`
/// @param info `sh_info`
/// @param data what the file holds, empty for [#NOBITS]
public record ElfSection(
    int index, String name, int type, long flags, long size, int link, int info, SectionData data) {

  /// `sh_type` of sections (ELF specification, figure 4-9).
  public static final int NULL = 0;

  /// Program data.
  public static final int PROGBITS = 1;

  /// The symbol table.
  public static final int SYMTAB = 2;

  /// A string table.
  public static final int STRTAB = 3;

  /// Relocations with addends, which no BPF object has.
  public static final int RELA = 4;

  /// Zeroed data that takes no room in the file.
  public static final int NOBITS = 8;

  /// Relocations whose addends are in what they relocate.
  public static final int REL = 9;

  private static final long SHF_EXECINSTR = 4;

  /// Whether it holds instructions.
  public boolean executable() {
    return type == PROGBITS && (flags & SHF_EXECINSTR) != 0;
  }

  /// An error about this section at `offset` (-1: about no place in particular).
  public ObjectFileException error(long offset, String problem) {
    return data.error(offset, problem);
  }
}
