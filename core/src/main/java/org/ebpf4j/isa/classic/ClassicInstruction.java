package org.ebpf4j.isa.classic;

/// A classic instruction: `struct sock_filter` of Linux's `include/uapi/linux/filter.h`.
///
/// @param code the operation, 16 bits
/// @param jumpTrue instructions to skip when a condition holds, 0 to 255
/// @param jumpFalse instructions to skip when it does not, 0 to 255
/// @param k the constant, an unsigned number of 32 bits
public record ClassicInstruction(int code, int jumpTrue, int jumpFalse, int k) {
  /// Bytes that the encoding takes.
  public static final int BYTES = 8;

  public ClassicInstruction {
    if (code != (code & 0xffff)
        || jumpTrue != (jumpTrue & 0xff)
        || jumpFalse != (jumpFalse & 0xff)) {
      throw new IllegalArgumentException("a field of a classic instruction is out of range");
    }
  }
}
