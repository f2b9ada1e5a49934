package org.ebpf4j.isa;

/// The second operand of an operation: a register, or a 32-bit immediate that 64-bit operations
/// sign-extend.
public sealed interface Operand {

  /// The value of a register.
  record Reg(Register register) implements Operand {}

  /// A constant in the instruction itself.
  record Imm(int value) implements Operand {}
}
