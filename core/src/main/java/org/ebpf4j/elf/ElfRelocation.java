package org.ebpf4j.elf;

/// A relocation: what is at `offset` of a section depends on a symbol.
///
/// @param offset bytes from the start of the section that is relocated
/// @param type `R_BPF_…`, see the constants here
/// @param symbol what it refers to
public record ElfRelocation(long offset, int type, ElfSymbol symbol) {
  // Numbers: LLVM's "BPF relocation types", linux/Documentation/bpf/llvm_reloc.rst.

  /// A 64-bit immediate load.
  public static final int R_BPF_64_64 = 1;

  /// A 64-bit address in data.
  public static final int R_BPF_64_ABS64 = 2;

  /// A 32-bit address in data.
  public static final int R_BPF_64_ABS32 = 3;

  /// A 32-bit address that linkers leave alone, as in `.BTF.ext`.
  public static final int R_BPF_64_NODYLD32 = 4;

  /// A call.
  public static final int R_BPF_64_32 = 10;
}
