package org.ebpf4j.spec;

import org.ebpf4j.elf.ElfSymbol;

/// A function where it is in the object file.
///
/// @param symbol its symbol
/// @param slot where it starts in its section
/// @param slots how many slots it takes
record CodeFunction(ElfSymbol symbol, int slot, int slots) {

  String name() {
    return symbol.name();
  }

  /// Where it ends in its section.
  int end() {
    return slot + slots;
  }
}
