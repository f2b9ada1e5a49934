package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.ScalarArithmetic;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Value;

/// Adding numbers to pointers and subtracting them.
final class PointerArithmetic {
  /// Offsets and what is added to them stay below this.
  static final long MAX_OFFSET = 1 << 29;

  private final Walk walk;

  PointerArithmetic(Walk walk) {
    this.walk = walk;
  }

  void apply(Instruction.Alu alu, Value left, Value right, boolean wide) {
    int dst = alu.dst().number();
    if (left.isPointer() && right.isPointer()) {
      if (alu.operation() == AluOperation.SUB && !walk.secrecy.isOn()) {
        walk.write(dst, Value.UNKNOWN);
        return;
      }
      throw walk.refuse(
          Errno.EACCES, "R%d pointer %s pointer prohibited", dst, symbol(alu.operation()));
    }
    boolean swapped = right.isPointer();
    int numberRegister =
        swapped ? dst : alu.src() instanceof Operand.Reg(var register) ? register.number() : -1;
    if (numberRegister >= 0) {
      walk.needPrecise(numberRegister);
    }
    int pointerRegister =
        swapped && alu.src() instanceof Operand.Reg(var register) ? register.number() : dst;
    Value pointer = swapped ? right : left;
    Scalar number = swapped ? left.number() : right.number();
    if (!wide) {
      if (alu.operation() == AluOperation.SUB && !walk.secrecy.isOn()) {
        walk.write(dst, Value.UNKNOWN);
        return;
      }
      throw walk.refuse(Errno.EACCES, "R%d 32-bit pointer arithmetic prohibited", dst);
    }
    checkKind(alu.operation(), dst, pointer, number);
    if (pointer.isUntrustedMemory()) {
      // Loads from there are checked, so Linux does not follow offsets, whatever the operation; nor
      // does it take the pointer over, but knows the number as before.
      walk.write(dst, swapped ? Value.UNKNOWN : pointer);
      return;
    }
    checkSane(number, 0, pointer, numberRegister);
    checkSane(pointer.number(), pointer.offset(), pointer, pointerRegister);
    Scalar masked = walk.secrecy.before(alu, pointer, number, swapped);
    Value result =
        switch (alu.operation()) {
          case ADD -> {
            Value sum = add(pointer, number);
            // In Linux a pointer added to a number is none that a reference is held by.
            yield swapped ? sum.borrowed() : sum;
          }
          case SUB -> subtract(dst, pointer, number, swapped);
          case AND, OR, XOR ->
              throw walk.refuse(
                  Errno.EACCES,
                  "R%d bitwise operator %s on pointer prohibited",
                  dst,
                  symbol(alu.operation()));
          case MUL, DIV, SDIV, LSH, RSH, ARSH, MOD, SMOD, MOV ->
              throw walk.refuse(
                  Errno.EACCES,
                  "R%d pointer arithmetic with %s operator prohibited",
                  dst,
                  symbol(alu.operation()));
        };
    checkSane(result.number(), result.offset(), pointer, pointerRegister);
    walk.secrecy.after(alu, pointer, result, masked, swapped);
    walk.write(dst, result);
  }

  /// The kernel's log has one sign for the signed and the unsigned operation.
  private static String symbol(AluOperation operation) {
    return switch (operation) {
      case SDIV -> AluOperation.DIV.symbol();
      case SMOD -> AluOperation.MOD.symbol();
      case ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, MOD, XOR, MOV, ARSH -> operation.symbol();
    };
  }

  private void checkKind(AluOperation operation, int dst, Value pointer, Scalar number) {
    if (pointer.maybeNull()) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d pointer arithmetic on %s prohibited, null-check it first",
          dst,
          pointer.typeName());
    }
    boolean allowed =
        switch (pointer.kind()) {
          case CONTEXT,
              MAP_VALUE,
              MAP_KEY,
              STACK,
              PACKET_META,
              PACKET,
              TRACE_BUFFER,
              BTF_OBJECT,
              MEMORY,
              BUFFER,
              FUNCTION,
              DYNPTR ->
              true;
          case FLOW_KEYS -> number.isConstant();
          case MAP -> operation == AluOperation.ADD && number.isZero();
          case UNINITIALIZED,
              SCALAR,
              PACKET_END,
              SOCKET,
              SOCK_COMMON,
              TCP_SOCK,
              XDP_SOCK,
              ARENA,
              ITERATOR,
              IRQ_FLAG ->
              false;
        };
    if (!allowed) {
      throw walk.refuse(
          Errno.EACCES, "R%d pointer arithmetic on %s prohibited", dst, pointer.typeName());
    }
  }

  /// @param register what is to blame for the number and the offset, -1 for a constant
  private void checkSane(Scalar number, int offset, Value pointer, int register) {
    if (number.isConstant() && isHuge(number.value())) {
      throw walk.refuse(
              Errno.EINVAL,
              "math between %s pointer and %d is not allowed",
              pointer.typeName(),
              number.value())
          .blaming(register, "");
    }
    if (isHuge(offset)) {
      throw walk.refuse(
              Errno.EINVAL, "%s pointer offset %d is not allowed", pointer.typeName(), offset)
          .blaming(register, "");
    }
    if (number.smin() == Long.MIN_VALUE) {
      throw walk.refuse(
              Errno.EINVAL,
              "math between %s pointer and register with unbounded min value is not allowed",
              pointer.typeName())
          .blaming(register, "");
    }
    if (isHuge(number.smin())) {
      throw walk.refuse(
              Errno.EINVAL,
              "value %d makes %s pointer be out of bounds",
              number.smin(),
              pointer.typeName())
          .blaming(register, "");
    }
  }

  private static boolean isHuge(long number) {
    return number >= MAX_OFFSET || number <= -MAX_OFFSET;
  }

  private Value add(Value pointer, Scalar number) {
    if (number.isConstant()) {
      long offset = pointer.offset() + number.value();
      if (offset == (int) offset) {
        return pointer.withOffset((int) offset);
      }
    }
    Scalar sum = ScalarArithmetic.apply(AluOperation.ADD, true, pointer.number(), number);
    Value result = pointer.withNumber(sum);
    return isPacket(pointer) ? result.withId(walk.newId()).withRange(0) : result;
  }

  private Value subtract(int dst, Value pointer, Scalar number, boolean swapped) {
    if (swapped) {
      throw walk.refuse(Errno.EACCES, "R%d tried to subtract pointer from scalar", dst);
    }
    if (pointer.kind() == Kind.STACK) {
      throw walk.refuse(Errno.EACCES, "R%d subtraction from stack pointer prohibited", dst);
    }
    if (number.isConstant()) {
      long offset = pointer.offset() - number.value();
      if (offset == (int) offset) {
        return pointer.withOffset((int) offset);
      }
    }
    Scalar difference = ScalarArithmetic.apply(AluOperation.SUB, true, pointer.number(), number);
    Value result = pointer.withNumber(difference);
    if (isPacket(pointer)) {
      // Moving back, or not at all, keeps what is proven ahead of the pointer.
      result = result.withId(walk.newId()).withRange(number.smin() < 0 ? 0 : pointer.range());
    }
    return result;
  }

  private static boolean isPacket(Value pointer) {
    return pointer.kind().isPacket();
  }
}
