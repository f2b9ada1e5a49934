package org.ebpf4j.verifier.internal.domain;

import org.ebpf4j.isa.AluOperation;

/// The ALU's operations on sets of numbers: the result holds every number that the operation makes
/// of a member of the one set and a member of the other.
///
/// 64-bit operations keep the ranges of the lower halves too: addition, subtraction, multiplication
/// and the bitwise operations work on the lower halves alone.
public final class ScalarArithmetic {
  private static final long LOW = 0xffff_ffffL;

  private ScalarArithmetic() {}

  /// Whether the result says anything at all: shifts do for a constant count within the width, and
  /// divisions and remainders do not.
  public static boolean computes(AluOperation operation, boolean wide, Scalar right) {
    return switch (operation) {
      case ADD, SUB, AND, XOR, OR, MUL -> true;
      case LSH, RSH, ARSH ->
          (wide ? right.isConstant() : right.isConstant32())
              && Long.compareUnsigned(right.umax(), wide ? 64 : 32) < 0;
      case DIV, SDIV, MOD, SMOD, MOV -> false;
    };
  }

  /// `left OP right`, of whole numbers (`wide`) or of the lower halves with the result
  /// zero-extended.
  public static Scalar apply(AluOperation operation, boolean wide, Scalar left, Scalar right) {
    if (!computes(operation, wide, right)) {
      return wide ? Scalar.UNKNOWN : Scalar.UNKNOWN.low32();
    }
    Bounds d = new Bounds(left);
    switch (operation) {
      case ADD -> add(d, right);
      case SUB -> subtract(d, right);
      case MUL -> multiply(d, right);
      case AND -> and(d, right);
      case OR -> or(d, right);
      case XOR -> xor(d, right);
      case LSH -> shiftLeft(d, (int) right.umin(), wide);
      case RSH -> shiftRight(d, (int) right.umin(), wide);
      case ARSH -> shiftRightSigned(d, (int) right.umin(), wide);
      case DIV, SDIV, MOD, SMOD, MOV -> throw new IllegalStateException("nothing is computed");
    }
    if (!wide) {
      d.zeroExtend32();
    }
    return d.sync().freeze();
  }

  /// `-value`: 0 minus it.
  public static Scalar negate(boolean wide, Scalar value) {
    return apply(AluOperation.SUB, wide, Scalar.ZERO, value);
  }

  private static void add(Bounds d, Scalar s) {
    int smin32 = d.smin32 + s.smin32();
    int smax32 = d.smax32 + s.smax32();
    if (overflows(d.smin32, s.smin32(), smin32) || overflows(d.smax32, s.smax32(), smax32)) {
      d.forgetSigned32();
    } else {
      d.smin32 = smin32;
      d.smax32 = smax32;
    }
    // Unsigned sums are in order if all of them carry, or none.
    int umin32 = d.umin32 + s.umin32();
    int umax32 = d.umax32 + s.umax32();
    boolean minCarries32 = Integer.compareUnsigned(umin32, d.umin32) < 0;
    boolean maxCarries32 = Integer.compareUnsigned(umax32, d.umax32) < 0;
    if (minCarries32 == maxCarries32) {
      d.umin32 = umin32;
      d.umax32 = umax32;
    } else {
      d.forgetUnsigned32();
    }
    long smin = d.smin + s.smin();
    long smax = d.smax + s.smax();
    if (overflows(d.smin, s.smin(), smin) || overflows(d.smax, s.smax(), smax)) {
      d.forgetSigned64();
    } else {
      d.smin = smin;
      d.smax = smax;
    }
    long umin = d.umin + s.umin();
    long umax = d.umax + s.umax();
    boolean minCarries = Long.compareUnsigned(umin, d.umin) < 0;
    boolean maxCarries = Long.compareUnsigned(umax, d.umax) < 0;
    if (minCarries == maxCarries) {
      d.umin = umin;
      d.umax = umax;
    } else {
      d.forgetUnsigned64();
    }
    d.bits = d.bits.add(s.bits());
  }

  private static void subtract(Bounds d, Scalar s) {
    int smin32 = d.smin32 - s.smax32();
    int smax32 = d.smax32 - s.smin32();
    if (underflows(d.smin32, s.smax32(), smin32) || underflows(d.smax32, s.smin32(), smax32)) {
      d.forgetSigned32();
    } else {
      d.smin32 = smin32;
      d.smax32 = smax32;
    }
    boolean minBorrows32 = Integer.compareUnsigned(d.umin32, s.umax32()) < 0;
    boolean maxBorrows32 = Integer.compareUnsigned(d.umax32, s.umin32()) < 0;
    if (minBorrows32 == maxBorrows32) {
      d.umin32 -= s.umax32();
      d.umax32 -= s.umin32();
    } else {
      d.forgetUnsigned32();
    }
    long smin = d.smin - s.smax();
    long smax = d.smax - s.smin();
    if (underflows(d.smin, s.smax(), smin) || underflows(d.smax, s.smin(), smax)) {
      d.forgetSigned64();
    } else {
      d.smin = smin;
      d.smax = smax;
    }
    boolean minBorrows = Long.compareUnsigned(d.umin, s.umax()) < 0;
    boolean maxBorrows = Long.compareUnsigned(d.umax, s.umin()) < 0;
    if (minBorrows == maxBorrows) {
      d.umin -= s.umax();
      d.umax -= s.umin();
    } else {
      d.forgetUnsigned64();
    }
    d.bits = d.bits.subtract(s.bits());
  }

  /// The four corner products bound all others; those that do not fit leave the range unknown.
  private static void multiply(Bounds d, Scalar s) {
    d.bits = d.bits.multiply(s.bits());
    long high32 = (d.umax32 & LOW) * (s.umax32() & LOW);
    if (Long.compareUnsigned(high32, LOW) > 0) {
      d.forgetUnsigned32();
    } else {
      d.umin32 = d.umin32 * s.umin32();
      d.umax32 = (int) high32;
    }
    long a = (long) d.smin32 * s.smin32();
    long b = (long) d.smin32 * s.smax32();
    long c = (long) d.smax32 * s.smin32();
    long e = (long) d.smax32 * s.smax32();
    long least32 = Math.min(Math.min(a, b), Math.min(c, e));
    long greatest32 = Math.max(Math.max(a, b), Math.max(c, e));
    if (least32 < Integer.MIN_VALUE || greatest32 > Integer.MAX_VALUE) {
      d.forgetSigned32();
    } else {
      d.smin32 = (int) least32;
      d.smax32 = (int) greatest32;
    }
    multiplySigned64(d, s);
    if (Math.unsignedMultiplyHigh(d.umax, s.umax()) != 0) {
      d.forgetUnsigned64();
    } else {
      d.umin = d.umin * s.umin();
      d.umax = d.umax * s.umax();
    }
  }

  private static void multiplySigned64(Bounds d, Scalar s) {
    if (!fits(d.smin, s.smin())
        || !fits(d.smin, s.smax())
        || !fits(d.smax, s.smin())
        || !fits(d.smax, s.smax())) {
      d.forgetSigned64();
      return;
    }
    long a = d.smin * s.smin();
    long b = d.smin * s.smax();
    long c = d.smax * s.smin();
    long e = d.smax * s.smax();
    d.smin = Math.min(Math.min(a, b), Math.min(c, e));
    d.smax = Math.max(Math.max(a, b), Math.max(c, e));
  }

  private static boolean fits(long left, long right) {
    long product = left * right;
    return Math.multiplyHigh(left, right) == product >> 63;
  }

  private static void and(Bounds d, Scalar s) {
    d.bits = d.bits.and(s.bits());
    d.umin32 = (int) d.bits.value();
    d.umax32 = min32(d.umax32, s.umax32());
    signedFromUnsigned32(d);
    d.umin = d.bits.value();
    d.umax = min64(d.umax, s.umax());
    signedFromUnsigned64(d);
  }

  private static void or(Bounds d, Scalar s) {
    d.bits = d.bits.or(s.bits());
    d.umin32 = max32(d.umin32, s.umin32());
    d.umax32 = (int) (d.bits.value() | d.bits.mask());
    signedFromUnsigned32(d);
    d.umin = max64(d.umin, s.umin());
    d.umax = d.bits.value() | d.bits.mask();
    signedFromUnsigned64(d);
  }

  private static void xor(Bounds d, Scalar s) {
    d.bits = d.bits.xor(s.bits());
    d.umin32 = (int) d.bits.value();
    d.umax32 = (int) (d.bits.value() | d.bits.mask());
    signedFromUnsigned32(d);
    d.umin = d.bits.value();
    d.umax = d.bits.value() | d.bits.mask();
    signedFromUnsigned64(d);
  }

  private static void signedFromUnsigned32(Bounds d) {
    if (d.umin32 <= d.umax32) {
      d.smin32 = d.umin32;
      d.smax32 = d.umax32;
    } else {
      d.forgetSigned32();
    }
  }

  private static void signedFromUnsigned64(Bounds d) {
    if (d.umin <= d.umax) {
      d.smin = d.umin;
      d.smax = d.umax;
    } else {
      d.forgetSigned64();
    }
  }

  private static void shiftLeft(Bounds d, int count, boolean wide) {
    if (wide) {
      // A lower half moved up whole keeps its order: programs sign-extend like this.
      if (count == 32) {
        d.smin = (long) d.smin32 << 32;
        d.smax = (long) d.smax32 << 32;
      } else {
        d.forgetSigned64();
      }
      if (Long.compareUnsigned(d.umax, 1L << (63 - count)) > 0) {
        d.forgetUnsigned64();
      } else {
        d.umin <<= count;
        d.umax <<= count;
      }
      shiftLeft32(d, count);
      d.bits = d.bits.shiftLeft(count);
    } else {
      shiftLeft32(d, count);
      d.bits = d.bits.low().shiftLeft(count).low();
      d.forget64();
    }
  }

  private static void shiftLeft32(Bounds d, int count) {
    d.forgetSigned32();
    if (count > 31 || (d.umax32 & LOW) > 1L << (31 - count)) {
      d.forgetUnsigned32();
    } else {
      d.umin32 <<= count;
      d.umax32 <<= count;
    }
  }

  private static void shiftRight(Bounds d, int count, boolean wide) {
    if (wide) {
      d.forgetSigned64();
      d.bits = d.bits.shiftRight(count);
      d.umin >>>= count;
      d.umax >>>= count;
      d.forget32();
    } else {
      d.forgetSigned32();
      d.bits = d.bits.low().shiftRight(count);
      d.umin32 >>>= count;
      d.umax32 >>>= count;
      d.forget64();
    }
  }

  private static void shiftRightSigned(Bounds d, int count, boolean wide) {
    if (wide) {
      d.smin >>= count;
      d.smax >>= count;
      d.bits = d.bits.shiftRightSigned(count);
      d.forgetUnsigned64();
      d.forget32();
    } else {
      d.smin32 >>= count;
      d.smax32 >>= count;
      d.bits = d.bits.shiftRightSigned32(count);
      d.forgetUnsigned32();
      d.forget64();
    }
  }

  private static boolean overflows(int left, int right, int sum) {
    return ((left ^ sum) & (right ^ sum)) < 0;
  }

  private static boolean overflows(long left, long right, long sum) {
    return ((left ^ sum) & (right ^ sum)) < 0;
  }

  private static boolean underflows(int left, int right, int difference) {
    return ((left ^ right) & (left ^ difference)) < 0;
  }

  private static boolean underflows(long left, long right, long difference) {
    return ((left ^ right) & (left ^ difference)) < 0;
  }

  private static int min32(int a, int b) {
    return Integer.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static int max32(int a, int b) {
    return Integer.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long min64(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static long max64(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }
}
