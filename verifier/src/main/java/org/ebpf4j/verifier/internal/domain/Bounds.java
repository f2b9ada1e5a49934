package org.ebpf4j.verifier.internal.domain;

import org.jspecify.annotations.Nullable;

/// A [Scalar] in the making: the same parts, open to change. [#sync] lets each part learn from the
/// others, and [#freeze] makes the value.
///
/// Each deduction only ever removes numbers that some other part already excludes, so the set that
/// is meant never loses a member. They are those of Linux 6.18.44 (`reg_bounds_sync` in its
/// `kernel/bpf/verifier.c`), in its order and as often, and no sharper: verdicts depend on it.
final class Bounds {
  private static final long LOW = 0xffff_ffffL;

  Tnum bits = Tnum.UNKNOWN;
  long smin;
  long smax;
  long umin;
  long umax;
  int smin32;
  int smax32;
  int umin32;
  int umax32;

  private final @Nullable Scalar start;

  Bounds() {
    start = null;
    forgetRanges();
  }

  Bounds(Scalar from) {
    start = from;
    bits = from.bits();
    smin = from.smin();
    smax = from.smax();
    umin = from.umin();
    umax = from.umax();
    smin32 = from.smin32();
    smax32 = from.smax32();
    umin32 = from.umin32();
    umax32 = from.umax32();
  }

  void forgetSigned64() {
    smin = Long.MIN_VALUE;
    smax = Long.MAX_VALUE;
  }

  void forgetUnsigned64() {
    umin = 0;
    umax = -1;
  }

  void forget64() {
    forgetSigned64();
    forgetUnsigned64();
  }

  void forgetSigned32() {
    smin32 = Integer.MIN_VALUE;
    smax32 = Integer.MAX_VALUE;
  }

  void forgetUnsigned32() {
    umin32 = 0;
    umax32 = -1;
  }

  void forget32() {
    forgetSigned32();
    forgetUnsigned32();
  }

  /// Keeps the bits alone.
  void forgetRanges() {
    forget64();
    forget32();
  }

  void setConstant(long value) {
    bits = Tnum.constant(value);
    smin = value;
    smax = value;
    umin = value;
    umax = value;
    smin32 = (int) value;
    smax32 = (int) value;
    umin32 = (int) value;
    umax32 = (int) value;
  }

  void setConstant32(int value) {
    bits = bits.withLow(Tnum.constant(value & LOW));
    smin32 = value;
    smax32 = value;
    umin32 = value;
    umax32 = value;
  }

  /// Makes the 64-bit parts those of the zero-extended lower half.
  void zeroExtend32() {
    bits = bits.low();
    umin = umin32 & LOW;
    umax = umax32 & LOW;
    if (smin32 >= 0) {
      smin = smin32;
      smax = smax32;
    } else {
      smin = 0;
      smax = LOW;
    }
  }

  /// Lets bits and the four ranges learn from each other.
  Bounds sync() {
    learnFromBits();
    deduce();
    deduce();
    deduce();
    refineBits();
    learnFromBits();
    return this;
  }

  /// The value, which is the one it was made from where nothing has been learned.
  Scalar freeze() {
    return start != null && isSame(start)
        ? start
        : new Scalar(bits, smin, smax, umin, umax, smin32, smax32, umin32, umax32);
  }

  private boolean isSame(Scalar other) {
    return smin == other.smin()
        && smax == other.smax()
        && umin == other.umin()
        && umax == other.umax()
        && smin32 == other.smin32()
        && smax32 == other.smax32()
        && umin32 == other.umin32()
        && umax32 == other.umax32()
        && bits.value() == other.bits().value()
        && bits.mask() == other.bits().mask();
  }

  /// Whether a part has come out empty, or the parts exclude each other: no number is left, so the
  /// branch that led here is never taken.
  boolean isContradiction() {
    if (below(umax, umin) || smin > smax || below(umax32, umin32) || smin32 > smax32) {
      return true;
    }
    if (bits.isConstant()) {
      long value = bits.value();
      if (umin != value || umax != value || smin != value || smax != value) {
        return true;
      }
    }
    if (bits.isLowConstant()) {
      int value = (int) bits.value();
      return umin32 != value || umax32 != value || smin32 != value || smax32 != value;
    }
    return false;
  }

  void atLeastSigned(long bound) {
    smin = Math.max(smin, bound);
  }

  void atMostSigned(long bound) {
    smax = Math.min(smax, bound);
  }

  void atLeastUnsigned(long bound) {
    if (below(umin, bound)) {
      umin = bound;
    }
  }

  void atMostUnsigned(long bound) {
    if (below(bound, umax)) {
      umax = bound;
    }
  }

  void atLeastSigned32(int bound) {
    smin32 = Math.max(smin32, bound);
  }

  void atMostSigned32(int bound) {
    smax32 = Math.min(smax32, bound);
  }

  void atLeastUnsigned32(int bound) {
    if (below(umin32, bound)) {
      umin32 = bound;
    }
  }

  void atMostUnsigned32(int bound) {
    if (below(bound, umax32)) {
      umax32 = bound;
    }
  }

  /// Unsigned `a < b`.
  private static boolean below(long a, long b) {
    return a + Long.MIN_VALUE < b + Long.MIN_VALUE;
  }

  private static boolean below(int a, int b) {
    return a + Integer.MIN_VALUE < b + Integer.MIN_VALUE;
  }

  private void learnFromBits() {
    long value = bits.value();
    long mask = bits.mask();
    int value32 = (int) value;
    int mask32 = (int) mask;
    atLeastSigned32(value32 | (mask32 & Integer.MIN_VALUE));
    atMostSigned32(value32 | (mask32 & Integer.MAX_VALUE));
    atLeastUnsigned32(value32);
    atMostUnsigned32(value32 | mask32);
    atLeastSigned(value | (mask & Long.MIN_VALUE));
    atMostSigned(value | (mask & Long.MAX_VALUE));
    atLeastUnsigned(value);
    atMostUnsigned(value | mask);
    meetInOneNumber();
  }

  /// Where the unsigned range holds one number only of those that the bits allow, it is that. As in
  /// Linux 6.18.44 (`__update_reg64_bounds`), the greatest number that the bits allow counts even
  /// if it lies below the range: then there is none at all, and what else would say so is
  /// forgotten.
  private void meetInOneNumber() {
    if (bits.isUnknown() && umin != umax) {
      return;
    }
    long greatest = bits.value() | bits.mask();
    long next = bits.next(umin);
    if (bits.contains(umin)) {
      if (below(umax, next)) {
        setConstant(umin);
      }
    } else if (next == greatest) {
      setConstant(greatest);
    } else if (!below(umax, next) && below(umax, bits.next(next))) {
      setConstant(next);
    }
  }

  private void deduce() {
    deduce32();
    deduce64();
    deduceAcrossWidths();
  }

  /// Lower halves from whole numbers that share their upper half, or whose upper halves follow on
  /// each other across the middle of the signed range; then signed from unsigned and back.
  private void deduce32() {
    if ((umin ^ umax) >>> 32 == 0) {
      atLeastUnsigned32((int) umin);
      atMostUnsigned32((int) umax);
      if ((int) umin <= (int) umax) {
        atLeastSigned32((int) umin);
        atMostSigned32((int) umax);
      }
    }
    if ((smin ^ smax) >>> 32 == 0) {
      if (!below((int) smax, (int) smin)) {
        atLeastUnsigned32((int) smin);
        atMostUnsigned32((int) smax);
      }
      if ((int) smin <= (int) smax) {
        atLeastSigned32((int) smin);
        atMostSigned32((int) smax);
      }
    }
    if ((int) (umin >>> 32) + 1 == (int) (umax >>> 32) && (int) umin < 0 && (int) umax >= 0) {
      atLeastSigned32((int) umin);
      atMostSigned32((int) umax);
    }
    if ((int) (smin >>> 32) + 1 == (int) (smax >>> 32) && (int) smin < 0 && (int) smax >= 0) {
      atLeastSigned32((int) smin);
      atMostSigned32((int) smax);
    }
    if (umin32 <= umax32) {
      atLeastSigned32(umin32);
      atMostSigned32(umax32);
    }
    if (!below(smax32, smin32)) {
      atLeastUnsigned32(smin32);
      atMostUnsigned32(smax32);
    } else if (below(umax32, smin32)) {
      smin32 = umin32;
      atMostUnsigned32(smax32);
    } else if (below(smax32, umin32)) {
      smax32 = umax32;
      atLeastUnsigned32(smin32);
    }
  }

  /// Signed from unsigned and back. A signed range around 0 is two unsigned ones, at both ends; if
  /// the unsigned range meets only one of them, that one counts.
  private void deduce64() {
    if (umin <= umax) {
      atLeastSigned(umin);
      atMostSigned(umax);
    }
    if (!below(smax, smin)) {
      atLeastUnsigned(smin);
      atMostUnsigned(smax);
    } else if (below(umax, smin)) {
      smin = umin;
      atMostUnsigned(smax);
    } else if (below(smax, umin)) {
      smax = umax;
      atLeastUnsigned(smin);
    }
  }

  /// Whole numbers from their lower halves.
  private void deduceAcrossWidths() {
    long lowMin = umin32 & LOW;
    long lowMax = umax32 & LOW;
    atLeastUnsigned((umin & ~LOW) | lowMin);
    atMostUnsigned((umax & ~LOW) | lowMax);
    atLeastSigned((smin & ~LOW) | lowMin);
    atMostSigned((smax & ~LOW) | lowMax);
    if (smin32 >= 0 && smin >= Integer.MIN_VALUE && smax <= Integer.MAX_VALUE) {
      // Linux 6.18.44 puts these in the place of better ones, too.
      smin = smin32;
      smax = smax32;
      umin = smin32;
      umax = smax32;
      bits = bits.intersectRange(smin32, smax32);
    }
  }

  private void refineBits() {
    bits = bits.intersectRange(umin, umax).intersectLowRange(umin32, umax32);
  }
}
