package org.ebpf4j.isa.classic;

import java.util.BitSet;

/// The codes of classic instructions that Linux knows (`include/uapi/linux/bpf_common.h` and
/// `filter.h`; `chk_code_allowed` in `net/core/filter.c`).
final class ClassicCode {
  static final int LOAD_CONSTANT = 0x00;
  static final int LOAD_X_CONSTANT = 0x01;
  static final int STORE = 0x02;
  static final int STORE_X = 0x03;
  static final int GOTO = 0x05;
  static final int RETURN_CONSTANT = 0x06;
  static final int MOVE_A_TO_X = 0x07;
  static final int RETURN_A = 0x16;
  static final int LOAD_WORD = 0x20;
  static final int LOAD_HALF = 0x28;
  static final int LOAD_BYTE = 0x30;
  static final int LOAD_WORD_INDEXED = 0x40;
  static final int LOAD_HALF_INDEXED = 0x48;
  static final int LOAD_BYTE_INDEXED = 0x50;
  static final int LOAD_SCRATCH = 0x60;
  static final int LOAD_X_SCRATCH = 0x61;
  static final int LOAD_LENGTH = 0x80;
  static final int LOAD_X_LENGTH = 0x81;
  static final int NEGATE = 0x84;
  static final int MOVE_X_TO_A = 0x87;
  static final int LOAD_X_HEADER_LENGTH = 0xb1;

  /// Class and second operand of arithmetic: the constant, or X.
  static final int ALU_CONSTANT = 0x04;

  static final int ALU_X = 0x0c;

  /// The same for conditional jumps.
  static final int JUMP_CONSTANT = 0x05;

  static final int JUMP_X = 0x0d;

  /// Cells of scratch memory, of 4 bytes each.
  static final int SCRATCH_CELLS = 16;

  private static final int[] ARITHMETIC = {
    0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0
  };
  private static final int[] CONDITIONS = {0x10, 0x20, 0x30, 0x40};
  private static final int[] OTHERS = {
    LOAD_CONSTANT,
    LOAD_X_CONSTANT,
    STORE,
    STORE_X,
    GOTO,
    RETURN_CONSTANT,
    MOVE_A_TO_X,
    RETURN_A,
    LOAD_WORD,
    LOAD_HALF,
    LOAD_BYTE,
    LOAD_WORD_INDEXED,
    LOAD_HALF_INDEXED,
    LOAD_BYTE_INDEXED,
    LOAD_SCRATCH,
    LOAD_X_SCRATCH,
    LOAD_LENGTH,
    LOAD_X_LENGTH,
    NEGATE,
    MOVE_X_TO_A,
    LOAD_X_HEADER_LENGTH
  };
  private static final BitSet KNOWN = known();

  private ClassicCode() {}

  static boolean isKnown(int code) {
    return KNOWN.get(code);
  }

  static boolean isArithmetic(int code) {
    return (code & 0x07) == ALU_CONSTANT;
  }

  static boolean isConditional(int code) {
    return (code & 0x07) == JUMP_CONSTANT && code != GOTO;
  }

  /// Whether the second operand is X instead of the constant.
  static boolean takesX(int code) {
    return (code & 0x08) != 0;
  }

  /// The operation or condition, in the bits where eBPF has it too.
  static int operation(int code) {
    return code & 0xf0;
  }

  private static BitSet known() {
    BitSet known = new BitSet();
    for (int operation : ARITHMETIC) {
      known.set(operation | ALU_CONSTANT);
      known.set(operation | ALU_X);
    }
    for (int condition : CONDITIONS) {
      known.set(condition | JUMP_CONSTANT);
      known.set(condition | JUMP_X);
    }
    for (int code : OTHERS) {
      known.set(code);
    }
    return known;
  }
}
