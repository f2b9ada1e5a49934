package org.ebpf4j.isa;

/// The size of a memory access, with its encoding in bits 3 and 4 of the opcode (RFC 9669, section
/// 5).
public enum MemorySize {
  WORD(4, 0x00, "u32"),
  HALF(2, 0x08, "u16"),
  BYTE(1, 0x10, "u8"),
  DOUBLE(8, 0x18, "u64");

  private static final MemorySize[] ALL = values();

  private final int bytes;
  private final int code;
  private final String mnemonic;

  MemorySize(int bytes, int code, String mnemonic) {
    this.bytes = bytes;
    this.code = code;
    this.mnemonic = mnemonic;
  }

  /// Bytes accessed: 1, 2, 4 or 8.
  public int bytes() {
    return bytes;
  }

  /// The bits to set in the opcode.
  public int code() {
    return code;
  }

  /// llvm-objdump's name for the unsigned type of this size, such as `u32`.
  public String mnemonic() {
    return mnemonic;
  }

  /// The size that an opcode names.
  public static MemorySize ofOpcode(int opcode) {
    return ALL[(opcode >> 3) & 3];
  }
}
