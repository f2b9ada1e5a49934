package org.ebpf4j.isa;

/// When a conditional jump is taken, with the code in the upper four bits of the opcode (RFC 9669,
/// section 4.3).
public enum JumpCondition {
  EQUAL(0x10, "=="),
  GREATER(0x20, ">"),
  GREATER_OR_EQUAL(0x30, ">="),
  ANY_BIT(0x40, "&"),
  NOT_EQUAL(0x50, "!="),
  SIGNED_GREATER(0x60, "s>"),
  SIGNED_GREATER_OR_EQUAL(0x70, "s>="),
  LESS(0xa0, "<"),
  LESS_OR_EQUAL(0xb0, "<="),
  SIGNED_LESS(0xc0, "s<"),
  SIGNED_LESS_OR_EQUAL(0xd0, "s<=");

  private final int code;
  private final String symbol;

  JumpCondition(int code, String symbol) {
    this.code = code;
    this.symbol = symbol;
  }

  /// The bits to set in the opcode.
  public int code() {
    return code;
  }

  /// llvm-objdump's sign for it.
  public String symbol() {
    return symbol;
  }
}
