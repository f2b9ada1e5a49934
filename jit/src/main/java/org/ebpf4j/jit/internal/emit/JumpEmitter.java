package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.RegisterFact;

/// Writes conditional jumps.
final class JumpEmitter {
  private static final ClassDesc LONG = Long.class.describeConstable().orElseThrow();
  private static final ClassDesc INTEGER = Integer.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc COMPARE_LONGS = MethodTypeDesc.of(CD_int, CD_long, CD_long);
  private static final MethodTypeDesc COMPARE_INTS = MethodTypeDesc.of(CD_int, CD_int, CD_int);

  private final CodeBuilder code;
  private final Registers registers;
  private final Optional<Facts> facts;

  JumpEmitter(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.facts = method.program().facts();
  }

  /// Goes to the label if the condition holds.
  void jump(int slot, Instruction.Jump jump, Label target) {
    boolean small = registers.isSmall(slot, jump.dst()) && registers.isSmall(slot, jump.src());
    if (small || jump.width() == Width.W32) {
      ints(slot, jump, small, target);
    } else if (isInOnePacket(slot, jump)) {
      distance(slot, jump, target);
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
      boolean atMost = small && registers.isAtMost(slot, jump.dst(), jump.src());
      code.branch(ofInts(atMost ? ordered(jump.condition()) : jump.condition()), target);
    }
  }

  /// The same test of a number that is never over the one it is compared with: HotSpot counts the
  /// rounds of a loop up to a bound, but of one up to a number only where it goes by 1.
  private static JumpCondition ordered(JumpCondition condition) {
    return switch (condition) {
      case NOT_EQUAL -> JumpCondition.LESS;
      case EQUAL -> JumpCondition.GREATER_OR_EQUAL;
      default -> condition;
    };
  }

  /// Compares two places in a packet by their distance, which is an int: so HotSpot sees that a
  /// test in a loop, of a counter added to the packet's start, is one of the counter.
  private void distance(int slot, Instruction.Jump jump, Label target) {
    registers.push(code, slot, jump.dst());
    registers.push(code, slot, jump.src());
    code.lsub().l2i();
    code.branch(againstZero(jump.condition()), target);
  }

  private boolean isInOnePacket(int slot, Instruction.Jump jump) {
    return jump.condition() != JumpCondition.ANY_BIT
        && jump.src() instanceof Operand.Reg(Register src)
        && (isEndAndPlace(slot, jump.dst(), src) || isEndAndPlace(slot, src, jump.dst()));
  }

  private boolean isEndAndPlace(int slot, Register end, Register place) {
    return isPacketEnd(slot, end) && isInPacket(slot, place);
  }

  private boolean isPacketEnd(int slot, Register register) {
    return pointer(slot, register, PointerKind.PACKET_END)
        .filter(end -> end.minOffset() == 0 && end.maxOffset() == 0)
        .isPresent();
  }

  /// Whether it points so near to the packet's first byte, and not before it, that its distance
  /// from the end is an int.
  private boolean isInPacket(int slot, Register register) {
    return pointer(slot, register, PointerKind.PACKET)
        .filter(place -> place.minOffset() >= 0 && place.maxOffset() <= Integer.MAX_VALUE)
        .isPresent();
  }

  private Optional<RegisterFact.Pointer> pointer(int slot, Register register, PointerKind kind) {
    return facts
        .map(known -> known.before(slot, register.number()))
        .filter(RegisterFact.Pointer.class::isInstance)
        .map(RegisterFact.Pointer.class::cast)
        .filter(fact -> fact.kind() == kind && !fact.maybeNull());
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
