package org.ebpf4j.runtime.internal.engine;

/// The interpreter's own opcodes: one number for each thing to do, so that one dense `switch` finds
/// it.
///
/// A lowered slot keeps the layout of [org.ebpf4j.isa.Bytecode], with these changes: the opcode is
/// one of the numbers below; the source field is [#IMMEDIATE] where the operand is the immediate;
/// jumps hold the slot they go to in the immediate; conditional jumps with an immediate operand
/// keep their distance in the offset.
final class Operation {
  /// The register that the interpreter fills with the immediate before each instruction.
  static final int IMMEDIATE = 11;

  static final int ADD64 = 0;
  static final int SUB64 = 1;
  static final int MUL64 = 2;
  static final int DIV64 = 3;
  static final int SDIV64 = 4;
  static final int OR64 = 5;
  static final int AND64 = 6;
  static final int LSH64 = 7;
  static final int RSH64 = 8;
  static final int MOD64 = 9;
  static final int SMOD64 = 10;
  static final int XOR64 = 11;
  static final int MOV64 = 12;
  static final int ARSH64 = 13;
  static final int NEG64 = 14;
  static final int MOVSX64_8 = 15;
  static final int MOVSX64_16 = 16;
  static final int MOVSX64_32 = 17;

  static final int ADD32 = 18;
  static final int SUB32 = 19;
  static final int MUL32 = 20;
  static final int DIV32 = 21;
  static final int SDIV32 = 22;
  static final int OR32 = 23;
  static final int AND32 = 24;
  static final int LSH32 = 25;
  static final int RSH32 = 26;
  static final int MOD32 = 27;
  static final int SMOD32 = 28;
  static final int XOR32 = 29;
  static final int MOV32 = 30;
  static final int ARSH32 = 31;
  static final int NEG32 = 32;
  static final int MOVSX32_8 = 33;
  static final int MOVSX32_16 = 34;

  static final int SWAP16 = 35;
  static final int SWAP32 = 36;
  static final int SWAP64 = 37;
  static final int CLEAR_ABOVE16 = 38;
  static final int CLEAR_ABOVE32 = 39;
  static final int NOTHING = 40;

  static final int LOAD8 = 41;
  static final int LOAD16 = 42;
  static final int LOAD32 = 43;
  static final int LOAD64 = 44;
  static final int LOAD_SIGNED8 = 45;
  static final int LOAD_SIGNED16 = 46;
  static final int LOAD_SIGNED32 = 47;
  static final int STORE8 = 48;
  static final int STORE16 = 49;
  static final int STORE32 = 50;
  static final int STORE64 = 51;
  static final int ATOMIC32 = 52;
  static final int ATOMIC64 = 53;
  static final int LOAD_ACQUIRE = 54;
  static final int STORE_RELEASE = 55;
  static final int LOAD_CONSTANT = 56;
  static final int LOAD_PACKET = 57;

  static final int JUMP = 58;
  static final int JEQ64 = 59;
  static final int JGT64 = 60;
  static final int JGE64 = 61;
  static final int JSET64 = 62;
  static final int JNE64 = 63;
  static final int JSGT64 = 64;
  static final int JSGE64 = 65;
  static final int JLT64 = 66;
  static final int JLE64 = 67;
  static final int JSLT64 = 68;
  static final int JSLE64 = 69;
  static final int JEQ32 = 70;
  static final int JGT32 = 71;
  static final int JGE32 = 72;
  static final int JSET32 = 73;
  static final int JNE32 = 74;
  static final int JSGT32 = 75;
  static final int JSGE32 = 76;
  static final int JLT32 = 77;
  static final int JLE32 = 78;
  static final int JSLT32 = 79;
  static final int JSLE32 = 80;

  static final int MAY_GOTO = 81;
  static final int CALL_HELPER = 82;
  static final int CALL_LOCAL = 83;
  static final int TAIL_CALL = 84;
  static final int EXIT = 85;

  /// Cannot run: the immediate is the number of the reason.
  static final int TRAP = 86;

  /// The form of an arena's address that users take: the immediate is the upper half.
  static final int CAST_TO_USER = 87;

  /// A load that gives 0 where nothing is: the immediate is its size in bytes, negative if it
  /// extends the sign.
  static final int LOAD_OR_ZERO = 88;

  private Operation() {}
}
