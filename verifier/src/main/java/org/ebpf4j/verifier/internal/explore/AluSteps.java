package org.ebpf4j.verifier.internal.explore;

import java.nio.ByteOrder;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.ScalarArithmetic;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Arithmetic and moves.
final class AluSteps {
  private final Walk walk;
  private final PointerArithmetic pointers;

  AluSteps(Walk walk) {
    this.walk = walk;
    this.pointers = new PointerArithmetic(walk);
  }

  void alu(Instruction.Alu alu) {
    if (alu.operation() == AluOperation.MOV) {
      move(alu);
      return;
    }
    int dst = alu.dst().number();
    boolean wide = alu.width() == Width.W64;
    switch (alu.src()) {
      case Operand.Reg(var register) -> walk.read(register);
      case Operand.Imm(int value) -> {}
    }
    walk.read(dst);
    if (alu.src() instanceof Operand.Imm(int value)) {
      checkImmediate(alu.operation(), value, wide);
    }
    walk.checkWritable(dst);
    Value left = walk.peek(dst);
    Value right =
        switch (alu.src()) {
          case Operand.Reg(var register) -> walk.peek(register.number());
          case Operand.Imm(int value) -> Value.constant(value);
        };
    if (left.kind() == Kind.ARENA || right.kind() == Kind.ARENA) {
      walk.write(dst, left.kind() == Kind.ARENA ? left : right);
      return;
    }
    if (left.isPointer() || right.isPointer()) {
      pointers.apply(alu, left, right, wide);
      return;
    }
    scalars(alu, left, right, wide);
  }

  private void checkImmediate(AluOperation operation, int value, boolean wide) {
    switch (operation) {
      case DIV, SDIV, MOD, SMOD -> {
        if (value == 0) {
          throw walk.refuse(Errno.EINVAL, "div by zero");
        }
      }
      case LSH, RSH, ARSH -> {
        if (value < 0 || value >= (wide ? 64 : 32)) {
          throw walk.refuse(Errno.EINVAL, "invalid shift %d", value);
        }
      }
      case ADD, SUB, MUL, OR, AND, XOR, MOV -> {}
    }
  }

  private void scalars(Instruction.Alu alu, Value left, Value right, boolean wide) {
    int dst = alu.dst().number();
    Scalar a = left.number();
    Scalar b = right.number();
    walk.secrecy.scalars(alu);
    AluOperation operation = alu.operation();
    if ((operation == AluOperation.AND || operation == AluOperation.OR) && b.isConstant()) {
      a = forkSignMask(dst, a);
    }
    Value result = Value.scalar(ScalarArithmetic.apply(operation, wide, a, b));
    if (!ScalarArithmetic.computes(operation, wide, b)) {
      // What is not computed is unknown in all 64 bits, as in Linux.
      result = Value.UNKNOWN;
    }
    walk.write(dst, linkSum(alu, left, b, wide, result));
  }

  /// A sum of a linked number and a constant stays linked, at a distance.
  private Value linkSum(Instruction.Alu alu, Value left, Scalar right, boolean wide, Value result) {
    boolean adds = alu.operation() == AluOperation.ADD;
    boolean sameRegister =
        alu.src() instanceof Operand.Reg(Register register) && register == alu.dst();
    if (!(adds || alu.operation() == AluOperation.SUB)
        || left.id() == 0
        || (left.id() & Value.PLUS_CONSTANT) != 0
        || (!wide && left.number().width() > Integer.SIZE)
        || walk.secrecy.isOn()
        || !(wide ? right.isConstant() : right.isConstant32())
        || sameRegister) {
      return result;
    }
    long constant = wide ? right.value() : (int) right.value();
    long distance = adds ? constant : -constant;
    if (constant != (int) constant || distance != (int) distance) {
      return result;
    }
    int flag = wide ? Value.PLUS_CONSTANT_64 : Value.PLUS_CONSTANT_32;
    return result.withId(left.id() | flag).withOffset((int) distance);
  }

  /// A number that is 0 or -1, as compilers make of a comparison, is followed each way on its own.
  private Scalar forkSignMask(int dst, Scalar number) {
    boolean wide;
    if (number.smin() == -1 && number.smax() == 0) {
      wide = true;
    } else if (number.smin32() == -1 && number.smax32() == 0) {
      wide = false;
    } else {
      return number;
    }
    VerifierState other = walk.fork(walk.slot);
    Scalar zero = wide ? Scalar.ZERO : number.withLow32(0);
    other.setRegister(dst, other.register(dst).withNumber(zero));
    return wide ? Scalar.constant(-1) : number.withLow32(-1);
  }

  private void move(Instruction.Alu alu) {
    int dst = alu.dst().number();
    boolean wide = alu.width() == Width.W64;
    switch (alu.src()) {
      case Operand.Imm(int value) ->
          walk.write(dst, Value.constant(wide ? value : value & 0xffff_ffffL));
      case Operand.Reg(var register) -> {
        int src = register.number();
        Value value = walk.read(src);
        walk.checkWritable(dst);
        if (wide) {
          walk.write(dst, walk.linked(src));
        } else if (value.isScalar()) {
          boolean fits = value.number().width() <= 32;
          Value moved = fits ? walk.linked(src) : value.unlinked();
          walk.write(dst, moved.withNumber(moved.number().low32()));
        } else {
          walk.secrecy.check(src, "partial copy of pointer");
          walk.write(dst, Value.scalar(Scalar.UNKNOWN.low32()));
        }
      }
    }
  }

  void moveSignExtended(Instruction.MoveSignExtended move) {
    int src = move.src().number();
    Value value = walk.read(src);
    walk.checkWritable(move.dst().number());
    if (!value.isScalar()) {
      walk.secrecy.check(src, "sign-extension part of pointer");
      boolean wide = move.width() == Width.W64;
      walk.write(move.dst(), Value.scalar(wide ? Scalar.UNKNOWN : Scalar.UNKNOWN.low32()));
      return;
    }
    boolean unchanged = Long.compareUnsigned(value.number().umax(), 1L << (move.bits() - 1)) < 0;
    Value from = unchanged ? walk.linked(src) : value.unlinked();
    Scalar number =
        move.width() == Width.W64
            ? from.number().signExtend(move.bits())
            : from.number().signExtend32(move.bits());
    walk.write(move.dst(), from.withNumber(number));
  }

  void negate(Instruction.Negate negate) {
    Value value = walk.read(negate.dst());
    walk.checkWritable(negate.dst().number());
    boolean wide = negate.width() == Width.W64;
    if (!value.isScalar()) {
      walk.secrecy.check(negate.dst().number(), "pointer arithmetic prohibited");
      walk.write(negate.dst(), Value.UNKNOWN);
      return;
    }
    walk.write(negate.dst(), Value.scalar(ScalarArithmetic.negate(wide, value.number())));
  }

  void swapBytes(Instruction.SwapBytes swap) {
    Value value = walk.read(swap.dst());
    walk.checkWritable(swap.dst().number());
    if (!value.isScalar()) {
      walk.secrecy.check(swap.dst().number(), "pointer arithmetic prohibited");
      walk.write(swap.dst(), Value.UNKNOWN);
      return;
    }
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    boolean reverses =
        switch (swap.order()) {
          case SWAP -> true;
          case TO_BIG -> little;
          case TO_LITTLE -> !little;
        };
    if (!reverses && swap.bits() == Long.SIZE) {
      return; // stays what it is, and linked
    }
    Scalar number = value.number();
    walk.write(
        swap.dst(),
        Value.scalar(
            reverses ? number.reverseBytes(swap.bits()) : number.truncate(swap.bits() / 8)));
  }

  void castAddressSpace(Instruction.CastAddressSpace cast) {
    walk.read(cast.src());
    if (!walk.rules.hasArena()) {
      throw walk.refuse(
          Errno.EINVAL,
          "addr_space_cast insn can only be used in a program that has an associated arena");
    }
    walk.write(cast.dst(), cast.to() == 0 ? Value.pointer(Kind.ARENA) : Value.UNKNOWN);
  }
}
