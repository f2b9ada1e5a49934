package org.ebpf4j.isa;

/// The parts of an opcode, as RFC 9669, section 3 lays them out, and what Linux added.
///
///     arithmetic and jumps      7     4 │ 3      │ 2   0
///                                 code  │ source │ class
///     loads and stores          7   5 │ 4  3 │ 2   0
///                                mode │ size │ class
final class Opcode {
  static final int LD = 0x00;
  static final int LDX = 0x01;
  static final int ST = 0x02;
  static final int STX = 0x03;
  static final int ALU32 = 0x04;
  static final int JMP64 = 0x05;
  static final int JMP32 = 0x06;
  static final int ALU64 = 0x07;

  /// Set when the second operand is a register.
  static final int REGISTER = 0x08;

  static final int NEGATE = 0x80;
  static final int SWAP = 0xd0;

  static final int GOTO = 0x00;
  static final int CALL = 0x80;
  static final int EXIT = 0x90;
  static final int MAY_GOTO = 0xe0;

  static final int IMMEDIATE = 0x00;
  static final int PACKET_ABSOLUTE = 0x20;
  static final int PACKET_INDIRECT = 0x40;
  static final int MEMORY = 0x60;
  static final int MEMORY_SIGNED = 0x80;
  static final int ATOMIC = 0xc0;

  static final int LOAD_IMMEDIATE_64 = LD | IMMEDIATE | 0x18;

  /// Immediates of the atomic class that only order a plain load or store (Linux 6.15).
  static final int LOAD_ACQUIRE = 0x100;

  static final int STORE_RELEASE = 0x110;

  /// The offset that turns a 64-bit move into an address space cast (Linux 6.9).
  static final int CAST_ADDRESS_SPACE = 1;

  /// What the source field of a call says about the immediate.
  static final int CALL_HELPER = 0;

  static final int CALL_LOCAL = 1;
  static final int CALL_KERNEL = 2;

  private Opcode() {}

  static int classOf(int opcode) {
    return opcode & 0x07;
  }

  static int code(int opcode) {
    return opcode & 0xf0;
  }

  static int mode(int opcode) {
    return opcode & 0xe0;
  }

  static boolean takesRegister(int opcode) {
    return (opcode & REGISTER) != 0;
  }
}
