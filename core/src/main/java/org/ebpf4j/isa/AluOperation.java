package org.ebpf4j.isa;

/// Arithmetic with two operands, with the code in the upper four bits of the opcode and, for the
/// signed divisions, the value of the offset field (RFC 9669, section 4.1).
public enum AluOperation {
  ADD(0x00, 0, "+="),
  SUB(0x10, 0, "-="),
  MUL(0x20, 0, "*="),
  DIV(0x30, 0, "/="),
  SDIV(0x30, 1, "s/="),
  OR(0x40, 0, "|="),
  AND(0x50, 0, "&="),
  LSH(0x60, 0, "<<="),
  RSH(0x70, 0, ">>="),
  MOD(0x90, 0, "%="),
  SMOD(0x90, 1, "s%="),
  XOR(0xa0, 0, "^="),
  MOV(0xb0, 0, "="),
  ARSH(0xc0, 0, "s>>=");

  private final int code;
  private final int offset;
  private final String symbol;

  AluOperation(int code, int offset, String symbol) {
    this.code = code;
    this.offset = offset;
    this.symbol = symbol;
  }

  /// The bits to set in the opcode.
  public int code() {
    return code;
  }

  /// The offset field that tells this operation from another with the same code.
  public int offset() {
    return offset;
  }

  /// llvm-objdump's sign for it.
  public String symbol() {
    return symbol;
  }
}
