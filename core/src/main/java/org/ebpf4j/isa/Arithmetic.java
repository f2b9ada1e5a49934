package org.ebpf4j.isa;

import java.nio.ByteOrder;

/// What every computation of the machine means, in one place: the interpreter and the compiler both
/// call these methods, so that they cannot drift apart.
///
/// Registers are `long`s. The methods named `…64` take and give whole registers; those named `…32`
/// look at the lower halves of their operands only and clear the upper half of the result. Nothing
/// here traps: dividing by zero gives 0, the remainder of it the dividend, the smallest number
/// divided by -1 is itself, and shifts use the lowest 6 or 5 bits of the count.
///
/// Source: RFC 9669, sections 4.1 to 4.3.
public final class Arithmetic {
  private static final long LOWER_HALF = 0xffff_ffffL;
  private static final boolean LITTLE_ENDIAN_HOST =
      ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private Arithmetic() {}

  /// `a OP b` in the given width.
  public static long compute(Width width, AluOperation operation, long a, long b) {
    return width == Width.W64 ? compute64(operation, a, b) : compute32(operation, a, b);
  }

  public static long compute64(AluOperation operation, long a, long b) {
    return switch (operation) {
      case ADD -> add64(a, b);
      case SUB -> subtract64(a, b);
      case MUL -> multiply64(a, b);
      case DIV -> divide64(a, b);
      case SDIV -> divideSigned64(a, b);
      case OR -> or64(a, b);
      case AND -> and64(a, b);
      case LSH -> shiftLeft64(a, b);
      case RSH -> shiftRight64(a, b);
      case MOD -> remainder64(a, b);
      case SMOD -> remainderSigned64(a, b);
      case XOR -> xor64(a, b);
      case MOV -> move64(b);
      case ARSH -> shiftRightSigned64(a, b);
    };
  }

  public static long compute32(AluOperation operation, long a, long b) {
    return switch (operation) {
      case ADD -> add32(a, b);
      case SUB -> subtract32(a, b);
      case MUL -> multiply32(a, b);
      case DIV -> divide32(a, b);
      case SDIV -> divideSigned32(a, b);
      case OR -> or32(a, b);
      case AND -> and32(a, b);
      case LSH -> shiftLeft32(a, b);
      case RSH -> shiftRight32(a, b);
      case MOD -> remainder32(a, b);
      case SMOD -> remainderSigned32(a, b);
      case XOR -> xor32(a, b);
      case MOV -> move32(b);
      case ARSH -> shiftRightSigned32(a, b);
    };
  }

  public static long add64(long a, long b) {
    return a + b;
  }

  public static long add32(long a, long b) {
    return zeroExtend32(a + b);
  }

  public static long subtract64(long a, long b) {
    return a - b;
  }

  public static long subtract32(long a, long b) {
    return zeroExtend32(a - b);
  }

  public static long multiply64(long a, long b) {
    return a * b;
  }

  public static long multiply32(long a, long b) {
    return zeroExtend32(a * b);
  }

  public static long divide64(long a, long b) {
    return b == 0 ? 0 : Long.divideUnsigned(a, b);
  }

  public static long divide32(long a, long b) {
    return (int) b == 0 ? 0 : (a & LOWER_HALF) / (b & LOWER_HALF);
  }

  public static long divideSigned64(long a, long b) {
    return b == 0 ? 0 : a / b;
  }

  public static long divideSigned32(long a, long b) {
    return (int) b == 0 ? 0 : zeroExtend32((int) a / (int) b);
  }

  public static long remainder64(long a, long b) {
    return b == 0 ? a : Long.remainderUnsigned(a, b);
  }

  public static long remainder32(long a, long b) {
    return (int) b == 0 ? zeroExtend32(a) : (a & LOWER_HALF) % (b & LOWER_HALF);
  }

  public static long remainderSigned64(long a, long b) {
    return b == 0 ? a : a % b;
  }

  public static long remainderSigned32(long a, long b) {
    return zeroExtend32((int) b == 0 ? a : (int) a % (int) b);
  }

  public static long or64(long a, long b) {
    return a | b;
  }

  public static long or32(long a, long b) {
    return zeroExtend32(a | b);
  }

  public static long and64(long a, long b) {
    return a & b;
  }

  public static long and32(long a, long b) {
    return zeroExtend32(a & b);
  }

  public static long xor64(long a, long b) {
    return a ^ b;
  }

  public static long xor32(long a, long b) {
    return zeroExtend32(a ^ b);
  }

  public static long shiftLeft64(long a, long count) {
    return a << count;
  }

  public static long shiftLeft32(long a, long count) {
    return zeroExtend32((int) a << (int) count);
  }

  public static long shiftRight64(long a, long count) {
    return a >>> count;
  }

  public static long shiftRight32(long a, long count) {
    return zeroExtend32((int) a >>> (int) count);
  }

  public static long shiftRightSigned64(long a, long count) {
    return a >> count;
  }

  public static long shiftRightSigned32(long a, long count) {
    return zeroExtend32((int) a >> (int) count);
  }

  public static long move64(long b) {
    return b;
  }

  public static long move32(long b) {
    return zeroExtend32(b);
  }

  /// `-a` in the given width.
  public static long negate(Width width, long a) {
    return width == Width.W64 ? -a : zeroExtend32(-a);
  }

  /// The lowest 8, 16 or 32 bits of `a` as a signed number, in the given width.
  public static long moveSigned(Width width, int bits, long a) {
    long extended = signExtend(bits, a);
    return width == Width.W64 ? extended : zeroExtend32(extended);
  }

  /// The lowest `bits` bits of `a` as a signed number, `bits` from 1 to 64.
  public static long signExtend(int bits, long a) {
    return a << (64 - bits) >> (64 - bits);
  }

  /// The lower half of `a` with the upper half cleared.
  public static long zeroExtend32(long a) {
    return a & LOWER_HALF;
  }

  /// The lowest 16, 32 or 64 bits of `a` in another byte order, what is above them cleared. The
  /// host's own order is that of the JVM.
  public static long swapBytes(Instruction.SwapBytes.Order order, int bits, long a) {
    return switch (order) {
      case TO_LITTLE -> LITTLE_ENDIAN_HOST ? truncate(bits, a) : swap(bits, a);
      case TO_BIG -> LITTLE_ENDIAN_HOST ? swap(bits, a) : truncate(bits, a);
      case SWAP -> swap(bits, a);
    };
  }

  private static long swap(int bits, long a) {
    return Long.reverseBytes(a) >>> (64 - bits);
  }

  private static long truncate(int bits, long a) {
    return a << (64 - bits) >>> (64 - bits);
  }

  /// Whether `a COND b` holds in the given width.
  public static boolean holds(Width width, JumpCondition condition, long a, long b) {
    return width == Width.W64 ? holds64(condition, a, b) : holds32(condition, a, b);
  }

  public static boolean holds64(JumpCondition condition, long a, long b) {
    return switch (condition) {
      case EQUAL -> a == b;
      case GREATER -> Long.compareUnsigned(a, b) > 0;
      case GREATER_OR_EQUAL -> Long.compareUnsigned(a, b) >= 0;
      case ANY_BIT -> (a & b) != 0;
      case NOT_EQUAL -> a != b;
      case SIGNED_GREATER -> a > b;
      case SIGNED_GREATER_OR_EQUAL -> a >= b;
      case LESS -> Long.compareUnsigned(a, b) < 0;
      case LESS_OR_EQUAL -> Long.compareUnsigned(a, b) <= 0;
      case SIGNED_LESS -> a < b;
      case SIGNED_LESS_OR_EQUAL -> a <= b;
    };
  }

  /// Extending the sign of both keeps their signed order, their unsigned order, and whether they
  /// have a bit in common, so that the lower halves compare as whole registers.
  public static boolean holds32(JumpCondition condition, long a, long b) {
    return holds64(condition, signExtend(32, a), signExtend(32, b));
  }

  /// What an atomic operation leaves in memory that held `old`: `operand` is the source register's
  /// value, `expected` that of `R0`, which only `CMPXCHG` looks at. The caller cuts the result to
  /// the size of the access.
  public static long update(
      AtomicOperation operation, Width width, long old, long operand, long expected) {
    return switch (operation) {
      case ADD, FETCH_ADD -> old + operand;
      case OR, FETCH_OR -> old | operand;
      case AND, FETCH_AND -> old & operand;
      case XOR, FETCH_XOR -> old ^ operand;
      case XCHG -> operand;
      case CMPXCHG -> holds(width, JumpCondition.EQUAL, old, expected) ? operand : old;
    };
  }
}
