package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.RegisterTypes;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;

/// The registers as locals of a method. Each has a long, and an int for where its upper half is 0;
/// only one of them counts at a time.
///
///                       parameters
///     a function:       run | R1 to R5 | R10 |       R0 | R6 to R9 | R0 to R9 as ints | rounds | budget
///     part of it: run | R10 | entry | carried |  R0 to R9          | R0 to R9 as ints | rounds | budget
///
/// The rounds are those that `may_goto` still goes, the budget the instructions that a program which
/// was not proven may still execute.
final class Registers {
  private static final int COUNT = 10;

  /// Bytes of a frame.
  private static final long FRAME = 512;

  /// Where a part's method has the number of the block that it is entered at.
  static final int ENTRY = 3;

  /// Where it has the array that carries registers between parts.
  static final int CARRIED = 4;

  private static final int PART_WIDE = 5;

  private final RegisterTypes types;
  private final boolean part;
  private final int ints;

  /// @param part whether the method is a part of a function
  Registers(RegisterTypes types, boolean part) {
    this.types = types;
    this.part = part;
    this.ints = part ? PART_WIDE + 2 * COUNT : 13 + 2 * (COUNT - 5);
  }

  private int wide(int register) {
    if (part) {
      return register == 10 ? 1 : PART_WIDE + 2 * register;
    }
    return switch (register) {
      case 0 -> 13;
      case 1, 2, 3, 4, 5 -> 2 * register - 1;
      case 10 -> 11;
      default -> 13 + 2 * (register - 5);
    };
  }

  /// The local of how often `may_goto` still goes on.
  int rounds() {
    return ints + COUNT;
  }

  /// The local of the budget.
  int budget() {
    return rounds() + 1;
  }

  /// The first local that is free.
  int free() {
    return budget() + 2;
  }

  /// Gives every local a value, as the JVM's own verifier wants it.
  void begin(CodeBuilder code, int slot) {
    for (int register = 0; register < COUNT; register++) {
      boolean parameter = !part && register > 0 && register <= 5;
      if (!parameter) {
        code.lconst_0().lstore(wide(register));
      }
      if (parameter && types.intBefore(slot, register)) {
        code.lload(wide(register)).l2i();
      } else {
        code.iconst_0();
      }
      code.istore(ints + register);
    }
  }

  /// Lets it be seen that what the program's own function is given are addresses; see
  /// [MemoryEmitter#bound].
  ///
  /// @param frame whether to do so for the frame, too
  void bound(CodeBuilder code, MemoryEmitter memory, boolean frame) {
    code.lload(wide(1));
    memory.bound(code);
    code.lstore(wide(1));
    if (frame) {
      pushFramePointer(code);
      code.loadConstant(FRAME).lsub();
      memory.bound(code);
      code.loadConstant(FRAME).ladd().lstore(wide(10));
    }
  }

  /// Pops what the program's own function is given.
  void popContext(CodeBuilder code) {
    code.lstore(wide(Register.R1.number()));
  }

  /// Pops a long into a register as it is before a slot.
  void restore(CodeBuilder code, int slot, int register) {
    if (types.intBefore(slot, register)) {
      code.l2i().istore(ints + register);
    } else {
      code.lstore(wide(register));
    }
  }

  /// Whether a loop moves a register on; see [RegisterTypes#walksBefore].
  boolean walks(int slot, Register register) {
    return register != Register.R10 && types.walksBefore(slot, register.number());
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

  /// Whether a register holds a small number before a slot that is never over the operand's.
  boolean isAtMost(int slot, Register register, Operand operand) {
    return register != Register.R10
        && operand instanceof Operand.Imm(int bound)
        && types.atMostBefore(slot, register.number(), bound);
  }

  /// Whether a register is an int before a slot.
  boolean isInt(int slot, Register register) {
    return register != Register.R10 && types.intBefore(slot, register.number());
  }

  /// Whether what the instruction at a slot writes is an int.
  boolean isIntAfter(int slot, Register register) {
    return types.intAfter(slot, register.number());
  }

  /// Pushes the frame pointer.
  void pushFramePointer(CodeBuilder code) {
    code.lload(wide(10));
  }

  /// Pushes a register as it is before a slot, as a long.
  void push(CodeBuilder code, int slot, Register register) {
    if (isSmall(slot, register)) {
      code.iload(ints + register.number()).i2l();
    } else if (isInt(slot, register)) {
      code.iload(ints + register.number()).i2l().loadConstant(0xffff_ffffL).land();
    } else {
      code.lload(wide(register.number()));
    }
  }

  /// Pushes the lower half of a register, as an int.
  void pushInt(CodeBuilder code, int slot, Register register) {
    if (isInt(slot, register)) {
      code.iload(ints + register.number());
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
    if (isIntAfter(slot, register)) {
      code.l2i().istore(ints + register.number());
    } else {
      code.lstore(wide(register.number()));
    }
  }

  /// Pops an int, to be zero-extended, into the register that the instruction at a slot writes.
  void popUnsigned(CodeBuilder code, int slot, Register register) {
    if (isIntAfter(slot, register)) {
      code.istore(ints + register.number());
    } else {
      code.i2l().loadConstant(0xffff_ffffL).land().lstore(wide(register.number()));
    }
  }

  /// Pops an int, to be sign-extended, into the register that the instruction at a slot writes.
  void popSigned(CodeBuilder code, int slot, Register register) {
    if (isIntAfter(slot, register)) {
      code.istore(ints + register.number());
    } else {
      code.i2l().lstore(wide(register.number()));
    }
  }
}
