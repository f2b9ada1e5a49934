package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Width;

/// Writes conditional jumps.
final class JumpEmitter {
  private static final ClassDesc LONG = Long.class.describeConstable().orElseThrow();
  private static final ClassDesc INTEGER = Integer.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc COMPARE_LONGS = MethodTypeDesc.of(CD_int, CD_long, CD_long);
  private static final MethodTypeDesc COMPARE_INTS = MethodTypeDesc.of(CD_int, CD_int, CD_int);

  private final CodeBuilder code;
  private final Registers registers;

  JumpEmitter(Method method) {
    this.code = method.code();
    this.registers = method.registers();
  }

  /// Goes to the label if the condition holds.
  void jump(int slot, Instruction.Jump jump, Label target) {
    boolean small = registers.isSmall(slot, jump.dst()) && registers.isSmall(slot, jump.src());
    if (small || jump.width() == Width.W32) {
      ints(slot, jump, small, target);
    } else {
      longs(slot, jump, target);
    }
  }

  private void ints(int slot, Instruction.Jump jump, boolean small, Label target) {
    registers.pushInt(code, slot, jump.dst());
    registers.pushInt(code, slot, jump.src());
    if (jump.condition() == JumpCondition.ANY_BIT) {
      code.iand().branch(Opcode.IFNE, target);
    } else if (unsigned(jump.condition()) && !small) {
      code.invokestatic(INTEGER, "compareUnsigned", COMPARE_INTS);
      code.branch(againstZero(jump.condition()), target);
    } else {
      code.branch(ofInts(jump.condition()), target);
    }
  }

  private void longs(int slot, Instruction.Jump jump, Label target) {
    registers.push(code, slot, jump.dst());
    registers.push(code, slot, jump.src());
    if (jump.condition() == JumpCondition.ANY_BIT) {
      code.land().lconst_0().lcmp();
    } else if (unsigned(jump.condition()) && !positive(slot, jump)) {
      code.invokestatic(LONG, "compareUnsigned", COMPARE_LONGS);
    } else {
      code.lcmp();
    }
    code.branch(againstZero(jump.condition()), target);
  }

  private boolean positive(int slot, Instruction.Jump jump) {
    return registers.isPositive(slot, new Operand.Reg(jump.dst()))
        && registers.isPositive(slot, jump.src());
  }

  private static boolean unsigned(JumpCondition condition) {
    return switch (condition) {
      case GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL -> true;
      case EQUAL,
          NOT_EQUAL,
          ANY_BIT,
          SIGNED_GREATER,
          SIGNED_GREATER_OR_EQUAL,
          SIGNED_LESS,
          SIGNED_LESS_OR_EQUAL ->
          false;
    };
  }

  private static Opcode againstZero(JumpCondition condition) {
    return switch (condition) {
      case EQUAL -> Opcode.IFEQ;
      case NOT_EQUAL, ANY_BIT -> Opcode.IFNE;
      case GREATER, SIGNED_GREATER -> Opcode.IFGT;
      case GREATER_OR_EQUAL, SIGNED_GREATER_OR_EQUAL -> Opcode.IFGE;
      case LESS, SIGNED_LESS -> Opcode.IFLT;
      case LESS_OR_EQUAL, SIGNED_LESS_OR_EQUAL -> Opcode.IFLE;
    };
  }

  private static Opcode ofInts(JumpCondition condition) {
    return switch (condition) {
      case EQUAL -> Opcode.IF_ICMPEQ;
      case NOT_EQUAL, ANY_BIT -> Opcode.IF_ICMPNE;
      case GREATER, SIGNED_GREATER -> Opcode.IF_ICMPGT;
      case GREATER_OR_EQUAL, SIGNED_GREATER_OR_EQUAL -> Opcode.IF_ICMPGE;
      case LESS, SIGNED_LESS -> Opcode.IF_ICMPLT;
      case LESS_OR_EQUAL, SIGNED_LESS_OR_EQUAL -> Opcode.IF_ICMPLE;
    };
  }
}
