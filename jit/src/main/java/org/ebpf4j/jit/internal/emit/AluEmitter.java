package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.ByteOrder;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Arithmetic;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.jit.internal.memory.ArenaAccesses;
import org.ebpf4j.runtime.internal.map.ArenaMap;

/// Writes computations: the JVM's own instructions where they mean the same, else calls of
/// [Arithmetic].
final class AluEmitter {
  private static final ClassDesc ARITHMETIC = Arithmetic.class.describeConstable().orElseThrow();
  private static final ClassDesc LONG = Long.class.describeConstable().orElseThrow();
  private static final ClassDesc INTEGER = Integer.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc BINARY = MethodTypeDesc.of(CD_long, CD_long, CD_long);
  private static final MethodTypeDesc UNARY = MethodTypeDesc.of(CD_long, CD_long);
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final CodeBuilder code;
  private final Registers registers;
  private final ProgramParts program;

  AluEmitter(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.program = method.program();
  }

  /// The other form of an arena's address; see [ArenaMap].
  void castAddressSpace(int slot, Instruction.CastAddressSpace cast) {
    ArenaMap arena = program.program().arena().orElseThrow();
    if (cast.to() == 0 || !arena.convertsPointers()) {
      registers.pushInt(code, slot, new Operand.Reg(cast.src()));
      registers.popUnsigned(code, slot, cast.dst());
    } else {
      ArenaAccesses.userAddress(
          code, program.constants(), arena, to -> registers.push(to, slot, cast.src()));
      registers.pop(code, slot, cast.dst());
    }
  }

  void alu(int slot, Instruction.Alu alu) {
    if (alu.width() == Width.W32) {
      alu32(slot, alu);
    } else if (alu.operation() != AluOperation.MOV
        && registers.isIntAfter(slot, alu.dst())
        && fitsInt(slot, alu)) {
      inInts(slot, alu);
      registers.popUnsigned(code, slot, alu.dst());
    } else {
      alu64(slot, alu);
    }
  }

  /// Whether the lower half of a 64-bit result, whose upper half is known to be 0, follows from the
  /// lower halves of the operands.
  private boolean fitsInt(int slot, Instruction.Alu alu) {
    return switch (alu.operation()) {
      case ADD, SUB, MUL, OR, AND, XOR -> true;
      case LSH -> alu.src() instanceof Operand.Imm(int count) && count < Integer.SIZE;
      case RSH ->
          registers.isInt(slot, alu.dst())
              && alu.src() instanceof Operand.Imm(int count)
              && count < Integer.SIZE;
      case ARSH ->
          registers.isSmall(slot, alu.dst())
              && alu.src() instanceof Operand.Imm(int count)
              && count < Integer.SIZE;
      case DIV, SDIV, MOD, SMOD ->
          registers.isSmall(slot, alu.dst())
              && alu.src() instanceof Operand.Imm(int divisor)
              && divisor > 0;
      case MOV -> false;
    };
  }

  /// Computes the lower half of the result as an int.
  private void inInts(int slot, Instruction.Alu alu) {
    registers.pushInt(code, slot, alu.dst());
    registers.pushInt(code, slot, alu.src());
    switch (alu.operation()) {
      case ADD -> code.iadd();
      case SUB -> code.isub();
      case MUL -> code.imul();
      case OR -> code.ior();
      case AND -> code.iand();
      case XOR -> code.ixor();
      case LSH -> code.ishl();
      case RSH -> code.iushr();
      case ARSH -> code.ishr();
      case DIV, SDIV -> code.idiv();
      case MOD, SMOD -> code.irem();
      case MOV -> throw new IllegalStateException("a move computes nothing");
    }
  }

  private void alu32(int slot, Instruction.Alu alu) {
    switch (alu.operation()) {
      case ADD, SUB, MUL, OR, AND, XOR, LSH, RSH, ARSH -> {
        inInts(slot, alu);
        registers.popUnsigned(code, slot, alu.dst());
      }
      case DIV, MOD, SDIV, SMOD -> {
        if (registers.isSmall(slot, alu.dst())
            && alu.src() instanceof Operand.Imm(int divisor)
            && divisor > 0) {
          inInts(slot, alu);
          registers.popUnsigned(code, slot, alu.dst());
        } else {
          call(slot, alu, "32");
        }
      }
      case MOV -> {
        registers.pushInt(code, slot, alu.src());
        registers.popUnsigned(code, slot, alu.dst());
      }
    }
  }

  private void alu64(int slot, Instruction.Alu alu) {
    switch (alu.operation()) {
      case MOV -> {
        if (registers.isIntAfter(slot, alu.dst())) {
          registers.pushInt(code, slot, alu.src());
          registers.popUnsigned(code, slot, alu.dst());
        } else {
          registers.push(code, slot, alu.src());
          registers.pop(code, slot, alu.dst());
        }
      }
      case DIV, SDIV, MOD, SMOD -> call(slot, alu, "64");
      case LSH, RSH, ARSH -> {
        registers.push(code, slot, alu.dst());
        registers.pushInt(code, slot, alu.src());
        switch (alu.operation()) {
          case LSH -> code.lshl();
          case RSH -> code.lushr();
          default -> code.lshr();
        }
        registers.pop(code, slot, alu.dst());
      }
      case ADD, SUB, MUL, OR, AND, XOR -> {
        registers.push(code, slot, alu.dst());
        registers.push(code, slot, alu.src());
        switch (alu.operation()) {
          case ADD -> code.ladd();
          case SUB -> code.lsub();
          case MUL -> code.lmul();
          case OR -> code.lor();
          case AND -> code.land();
          default -> code.lxor();
        }
        registers.pop(code, slot, alu.dst());
      }
    }
  }

  private void call(int slot, Instruction.Alu alu, String width) {
    String name =
        switch (alu.operation()) {
          case DIV -> "divide";
          case SDIV -> "divideSigned";
          case MOD -> "remainder";
          case SMOD -> "remainderSigned";
          default -> throw new IllegalStateException("no division: " + alu.operation());
        };
    registers.push(code, slot, alu.dst());
    registers.push(code, slot, alu.src());
    code.invokestatic(ARITHMETIC, name + width, BINARY);
    registers.pop(code, slot, alu.dst());
  }

  void negate(int slot, Instruction.Negate negate) {
    if (negate.width() == Width.W64) {
      registers.push(code, slot, negate.dst());
      code.lneg();
      registers.pop(code, slot, negate.dst());
    } else {
      registers.pushInt(code, slot, negate.dst());
      code.ineg();
      registers.popUnsigned(code, slot, negate.dst());
    }
  }

  void moveSignExtended(int slot, Instruction.MoveSignExtended move) {
    registers.pushInt(code, slot, move.src());
    switch (move.bits()) {
      case 8 -> code.i2b();
      case 16 -> code.i2s();
      default -> {
        // An int already.
      }
    }
    if (move.width() == Width.W64) {
      registers.popSigned(code, slot, move.dst());
    } else {
      registers.popUnsigned(code, slot, move.dst());
    }
  }

  void swapBytes(int slot, Instruction.SwapBytes swap) {
    boolean swaps =
        switch (swap.order()) {
          case SWAP -> true;
          case TO_LITTLE -> !LITTLE_ENDIAN;
          case TO_BIG -> LITTLE_ENDIAN;
        };
    Register dst = swap.dst();
    if (swap.bits() == Long.SIZE) {
      registers.push(code, slot, dst);
      if (swaps) {
        code.invokestatic(LONG, "reverseBytes", UNARY);
      }
      registers.pop(code, slot, dst);
      return;
    }
    registers.pushInt(code, slot, dst);
    if (swaps) {
      code.invokestatic(INTEGER, "reverseBytes", MethodTypeDesc.of(CD_int, CD_int));
    }
    if (swap.bits() == Short.SIZE) {
      if (swaps) {
        code.bipush(Short.SIZE).iushr();
      } else {
        code.i2c();
      }
    }
    registers.popUnsigned(code, slot, dst);
  }

  void constant(int slot, Register dst, long value) {
    if (registers.isIntAfter(slot, dst)) {
      code.loadConstant((int) value);
      registers.popUnsigned(code, slot, dst);
    } else {
      code.loadConstant(value);
      registers.pop(code, slot, dst);
    }
  }
}
