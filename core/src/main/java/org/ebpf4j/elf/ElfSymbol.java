package org.ebpf4j.elf;

/// A symbol of an [ElfFile].
///
/// @param index its place in the symbol table
/// @param name its name, "" for section symbols
/// @param value its offset in its section
/// @param size bytes it covers, 0 when the file does not say
/// @param type `STT_…`, see the constants here
/// @param binding `STB_…`, see the constants here
/// @param visibility `STV_…`
/// @param section the index of its section, or one of the reserved numbers
public record ElfSymbol(
    int index,
    String name,
    long value,
    long size,
    int type,
    int binding,
    int visibility,
    int section) {

  /// Symbol of no stated type: externs, and labels of older compilers.
  public static final int NOTYPE = 0;

  /// A variable or map.
  public static final int OBJECT = 1;

  /// A function.
  public static final int FUNC = 2;

  /// A section as a whole.
  public static final int SECTION = 3;

  /// Seen in its own file only.
  public static final int LOCAL = 0;

  /// Seen by all.
  public static final int GLOBAL = 1;

  /// As `GLOBAL`, and may be missing or replaced.
  public static final int WEAK = 2;

  private static final int STV_INTERNAL = 1;
  private static final int STV_HIDDEN = 2;

  /// `SHN_UNDEF`: defined elsewhere.
  public static final int UNDEFINED = 0;

  /// `SHN_LORESERVE`: from here on, numbers stand for no section.
  public static final int FIRST_RESERVED = 0xff00;

  /// `SHN_COMMON`: a variable that the compiler left to a linker to place.
  public static final int COMMON = 0xfff2;

  /// Whether this is a name that something outside of the object must provide.
  public boolean external() {
    return section == UNDEFINED
        && type == NOTYPE
        && (binding == GLOBAL || binding == WEAK)
        && !name.isEmpty();
  }

  public boolean weak() {
    return binding == WEAK;
  }

  /// Whether others see it: neither local nor hidden.
  public boolean visible() {
    return binding != LOCAL && visibility != STV_HIDDEN && visibility != STV_INTERNAL;
  }

  /// Whether it names something in a section of this file.
  public boolean defined() {
    return section != UNDEFINED && section < FIRST_RESERVED;
  }
}
