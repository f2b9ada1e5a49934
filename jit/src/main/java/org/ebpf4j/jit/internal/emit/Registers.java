package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.RegisterTypes;

/// The registers as locals of a method. Each has a long, and an int for where it holds small
/// numbers; only one of them counts at a time.
///
///     local   0     1, 3, … 9   11   13   15 … 21   23 … 32         33
///            run    R1 to R5    R10  R0   R6 to R9  R0 to R9, ints  may_goto's counter
///
/// The locals up to 12 are the parameters.
final class Registers {
  private static final int FRAME_POINTER = 11;
  private static final int R0 = 13;
  private static final int INTS = 23;

  /// How often `may_goto` still goes on.
  static final int ROUNDS = 33;

  /// The first local that is free.
  static final int FREE = 34;

  private final RegisterTypes types;

  Registers(RegisterTypes types) {
    this.types = types;
  }

  /// Gives every local a value, as the JVM's own verifier wants it.
  void begin(CodeBuilder code, int slot) {
    for (int register = 0; register <= 9; register++) {
      if (register == 0 || register > 5) {
        code.lconst_0().lstore(wide(register));
      }
      if (register > 0 && register <= 5 && types.smallBefore(slot, register)) {
        code.lload(wide(register)).l2i();
      } else {
        code.iconst_0();
      }
      code.istore(INTS + register);
    }
  }

  private static int wide(int register) {
    return switch (register) {
      case 0 -> R0;
      case 1, 2, 3, 4, 5 -> 2 * register - 1;
      case 10 -> FRAME_POINTER;
      default -> R0 + 2 * (register - 5);
    };
  }

  /// Pops a long into a register, wherever control is; for programs without types.
  void restore(CodeBuilder code, int register) {
    code.lstore(wide(register));
  }

  /// Whether a register holds a small number before a slot.
  boolean isSmall(int slot, Register register) {
    return register != Register.R10 && types.smallBefore(slot, register.number());
  }

  /// Whether an operand is a small number before a slot.
  boolean isSmall(int slot, Operand operand) {
    return switch (operand) {
      case Operand.Reg(Register register) -> isSmall(slot, register);
      case Operand.Imm(int value) -> value >= 0;
    };
  }

  /// Whether an operand compares the same as a signed and as an unsigned number of 64 bits, with
  /// others of its kind.
  boolean isPositive(int slot, Operand operand) {
    return switch (operand) {
      case Operand.Reg(Register register) -> types.positiveBefore(slot, register.number());
      case Operand.Imm(int value) -> value >= 0;
    };
  }

  /// Whether what the instruction at a slot writes is a small number.
  boolean isSmallAfter(int slot, Register register) {
    return types.smallAfter(slot, register.number());
  }

  /// Pushes the frame pointer.
  void pushFramePointer(CodeBuilder code) {
    code.lload(FRAME_POINTER);
  }

  /// Pushes a register as it is before a slot, as a long.
  void push(CodeBuilder code, int slot, Register register) {
    if (isSmall(slot, register)) {
      code.iload(INTS + register.number()).i2l();
    } else {
      code.lload(wide(register.number()));
    }
  }

  /// Pushes the lower half of a register, as an int.
  void pushInt(CodeBuilder code, int slot, Register register) {
    if (isSmall(slot, register)) {
      code.iload(INTS + register.number());
    } else {
      code.lload(wide(register.number())).l2i();
    }
  }

  /// Pushes an operand as a long.
  void push(CodeBuilder code, int slot, Operand operand) {
    switch (operand) {
      case Operand.Reg(Register register) -> push(code, slot, register);
      case Operand.Imm(int value) -> code.loadConstant((long) value);
    }
  }

  /// Pushes the lower half of an operand as an int.
  void pushInt(CodeBuilder code, int slot, Operand operand) {
    switch (operand) {
      case Operand.Reg(Register register) -> pushInt(code, slot, register);
      case Operand.Imm(int value) -> code.loadConstant(value);
    }
  }

  /// Pops a long into the register that the instruction at a slot writes.
  void pop(CodeBuilder code, int slot, Register register) {
    if (isSmallAfter(slot, register)) {
      code.l2i().istore(INTS + register.number());
    } else {
      code.lstore(wide(register.number()));
    }
  }

  /// Pops an int, to be zero-extended, into the register that the instruction at a slot writes.
  void popUnsigned(CodeBuilder code, int slot, Register register) {
    if (isSmallAfter(slot, register)) {
      code.istore(INTS + register.number());
    } else {
      code.i2l().loadConstant(0xffff_ffffL).land().lstore(wide(register.number()));
    }
  }

  /// Pops an int, to be sign-extended, into the register that the instruction at a slot writes.
  void popSigned(CodeBuilder code, int slot, Register register) {
    if (isSmallAfter(slot, register)) {
      code.istore(INTS + register.number());
    } else {
      code.i2l().lstore(wide(register.number()));
    }
  }
}
