package org.ebpf4j.verifier.internal.domain;

import org.ebpf4j.isa.JumpCondition;

/// What a conditional jump tells of the two numbers it compares.
public final class Comparison {
  private static final long LOW = 0xffff_ffffL;

  /// What is known of whether a jump is taken.
  public enum Outcome {
    ALWAYS,
    NEVER,
    UNKNOWN;

    Outcome negate() {
      return switch (this) {
        case ALWAYS -> NEVER;
        case NEVER -> ALWAYS;
        case UNKNOWN -> UNKNOWN;
      };
    }

    static Outcome of(boolean always, boolean never) {
      return always ? ALWAYS : never ? NEVER : UNKNOWN;
    }
  }

  /// Both sides after a comparison. A side of which no number is left keeps its bits and has no
  /// ranges, as in Linux: it explores a branch that cannot be taken all the same, which costs time
  /// and proves more than need be.
  ///
  /// @param possible whether a pair of numbers may pass it
  public record Refined(Scalar left, Scalar right, boolean possible) {}

  private Comparison() {}

  /// The condition that holds for `(b, a)` where this one holds for `(a, b)`.
  public static JumpCondition flip(JumpCondition condition) {
    return switch (condition) {
      case GREATER -> JumpCondition.LESS;
      case GREATER_OR_EQUAL -> JumpCondition.LESS_OR_EQUAL;
      case LESS -> JumpCondition.GREATER;
      case LESS_OR_EQUAL -> JumpCondition.GREATER_OR_EQUAL;
      case SIGNED_GREATER -> JumpCondition.SIGNED_LESS;
      case SIGNED_GREATER_OR_EQUAL -> JumpCondition.SIGNED_LESS_OR_EQUAL;
      case SIGNED_LESS -> JumpCondition.SIGNED_GREATER;
      case SIGNED_LESS_OR_EQUAL -> JumpCondition.SIGNED_GREATER_OR_EQUAL;
      case EQUAL, NOT_EQUAL, ANY_BIT -> condition;
    };
  }

  /// Whether the jump is always or never taken, as bits and the ends of the ranges say; that of the
  /// numbers none pass on one side, which only [#refine] can tell, does not count in Linux 6.18.44.
  public static Outcome outcome(JumpCondition condition, boolean wide, Scalar left, Scalar right) {
    return switch (condition) {
      case EQUAL -> equal(wide, left, right);
      case NOT_EQUAL -> equal(wide, left, right).negate();
      case ANY_BIT -> anyBit(wide, left, right);
      case LESS -> less(wide, left, right);
      case GREATER -> less(wide, right, left);
      case GREATER_OR_EQUAL -> less(wide, left, right).negate();
      case LESS_OR_EQUAL -> less(wide, right, left).negate();
      case SIGNED_LESS -> signedLess(wide, left, right);
      case SIGNED_GREATER -> signedLess(wide, right, left);
      case SIGNED_GREATER_OR_EQUAL -> signedLess(wide, left, right).negate();
      case SIGNED_LESS_OR_EQUAL -> signedLess(wide, right, left).negate();
    };
  }

  private static Outcome equal(boolean wide, Scalar left, Scalar right) {
    Tnum a = wide ? left.bits() : left.bits().low();
    Tnum b = wide ? right.bits() : right.bits().low();
    if (a.isConstant() && b.isConstant()) {
      return a.value() == b.value() ? Outcome.ALWAYS : Outcome.NEVER;
    }
    boolean clash = ((a.value() ^ b.value()) & ~(a.mask() | b.mask())) != 0;
    boolean apart32 =
        Integer.compareUnsigned(left.umin32(), right.umax32()) > 0
            || Integer.compareUnsigned(left.umax32(), right.umin32()) < 0
            || left.smin32() > right.smax32()
            || left.smax32() < right.smin32();
    boolean apart64 =
        wide
            && (Long.compareUnsigned(left.umin(), right.umax()) > 0
                || Long.compareUnsigned(left.umax(), right.umin()) < 0
                || left.smin() > right.smax()
                || left.smax() < right.smin());
    return clash || apart32 || apart64 ? Outcome.NEVER : Outcome.UNKNOWN;
  }

  private static Outcome anyBit(boolean wide, Scalar left, Scalar right) {
    boolean swap = !isConstant(wide, right);
    Scalar tested = swap ? right : left;
    Scalar mask = swap ? left : right;
    if (!isConstant(wide, mask)) {
      return Outcome.UNKNOWN;
    }
    long bits = wide ? mask.value() : mask.value() & LOW;
    return Outcome.of(
        (tested.bits().value() & bits) != 0,
        ((tested.bits().value() | tested.bits().mask()) & bits) == 0);
  }

  private static Outcome less(boolean wide, Scalar left, Scalar right) {
    return wide
        ? Outcome.of(
            Long.compareUnsigned(left.umax(), right.umin()) < 0,
            Long.compareUnsigned(left.umin(), right.umax()) >= 0)
        : Outcome.of(
            Integer.compareUnsigned(left.umax32(), right.umin32()) < 0,
            Integer.compareUnsigned(left.umin32(), right.umax32()) >= 0);
  }

  private static Outcome signedLess(boolean wide, Scalar left, Scalar right) {
    return wide
        ? Outcome.of(left.smax() < right.smin(), left.smin() >= right.smax())
        : Outcome.of(left.smax32() < right.smin32(), left.smin32() >= right.smax32());
  }

  private static boolean isConstant(boolean wide, Scalar scalar) {
    return wide ? scalar.isConstant() : scalar.isConstant32();
  }

  /// Both sides where the condition holds, or, for `taken` false, where it does not.
  public static Refined refine(
      JumpCondition condition, boolean taken, boolean wide, Scalar left, Scalar right) {
    Bounds a = new Bounds(left);
    return refine(condition, taken, wide, a, new Bounds(right), left, right);
  }

  /// A number compared with itself: what is learned of either side is learned of both, one after
  /// the other, as in Linux, where they are the same register.
  public static Refined refineSame(
      JumpCondition condition, boolean taken, boolean wide, Scalar number) {
    Bounds both = new Bounds(number);
    return refine(condition, taken, wide, both, both, number, number);
  }

  private static Refined refine(
      JumpCondition condition,
      boolean taken,
      boolean wide,
      Bounds a,
      Bounds b,
      Scalar left,
      Scalar right) {
    switch (condition) {
      case EQUAL -> refineEqual(taken, wide, a, b, left, right);
      case NOT_EQUAL -> refineEqual(!taken, wide, a, b, left, right);
      case ANY_BIT -> refineAnyBit(taken, wide, a, b, left, right);
      case LESS -> refineLess(wide, taken, a, b);
      case GREATER -> refineLess(wide, taken, b, a);
      case GREATER_OR_EQUAL -> refineLess(wide, !taken, a, b);
      case LESS_OR_EQUAL -> refineLess(wide, !taken, b, a);
      case SIGNED_LESS -> refineSignedLess(wide, taken, a, b);
      case SIGNED_GREATER -> refineSignedLess(wide, taken, b, a);
      case SIGNED_GREATER_OR_EQUAL -> refineSignedLess(wide, !taken, a, b);
      case SIGNED_LESS_OR_EQUAL -> refineSignedLess(wide, !taken, b, a);
    }
    a.sync();
    b.sync();
    boolean possible = !a.isContradiction() && !b.isContradiction();
    Scalar newLeft = settled(a);
    return new Refined(newLeft, a == b ? newLeft : settled(b), possible);
  }

  private static Scalar settled(Bounds bounds) {
    if (bounds.isContradiction()) {
      bounds.forgetRanges();
    }
    return bounds.freeze();
  }

  private static void refineEqual(
      boolean equal, boolean wide, Bounds a, Bounds b, Scalar left, Scalar right) {
    if (!equal) {
      if (isConstant(wide, right)) {
        exclude(wide, a, right.value());
      } else if (isConstant(wide, left)) {
        exclude(wide, b, left.value());
      }
      return;
    }
    if (wide) {
      a.atLeastUnsigned(b.umin);
      a.atMostUnsigned(b.umax);
      a.atLeastSigned(b.smin);
      a.atMostSigned(b.smax);
      b.umin = a.umin;
      b.umax = a.umax;
      b.smin = a.smin;
      b.smax = a.smax;
      a.bits = a.bits.intersect(b.bits);
      b.bits = a.bits;
    } else {
      a.atLeastUnsigned32(b.umin32);
      a.atMostUnsigned32(b.umax32);
      a.atLeastSigned32(b.smin32);
      a.atMostSigned32(b.smax32);
      b.umin32 = a.umin32;
      b.umax32 = a.umax32;
      b.smin32 = a.smin32;
      b.smax32 = a.smax32;
      Tnum low = a.bits.low().intersect(b.bits.low());
      a.bits = a.bits.withLow(low);
      b.bits = b.bits.withLow(low);
    }
  }

  /// A number that is not in a set moves those ends of ranges that are it.
  private static void exclude(boolean wide, Bounds d, long number) {
    if (wide) {
      if (d.umin == number) {
        d.umin++;
      }
      if (d.umax == number) {
        d.umax--;
      }
      if (d.smin == number) {
        d.smin++;
      }
      if (d.smax == number) {
        d.smax--;
      }
    } else {
      int low = (int) number;
      if (d.umin32 == low) {
        d.umin32++;
      }
      if (d.umax32 == low) {
        d.umax32--;
      }
      if (d.smin32 == low) {
        d.smin32++;
      }
      if (d.smax32 == low) {
        d.smax32--;
      }
    }
  }

  private static void refineAnyBit(
      boolean taken, boolean wide, Bounds a, Bounds b, Scalar left, Scalar right) {
    Bounds tested = isConstant(wide, right) ? a : b;
    Scalar mask = isConstant(wide, right) ? right : left;
    if (!isConstant(wide, mask)) {
      return;
    }
    long bits = wide ? mask.value() : mask.value() & LOW;
    if (taken) {
      if (Long.bitCount(bits) == 1) {
        tested.bits = tested.bits.or(Tnum.constant(bits));
      }
      return;
    }
    // Linux forgets the ranges, for they may contradict the bits where a branch is never taken.
    tested.forgetRanges();
    tested.bits = tested.bits.and(Tnum.constant(~bits));
  }

  private static void refineLess(boolean wide, boolean holds, Bounds a, Bounds b) {
    if (!holds) {
      if (wide) {
        a.atLeastUnsigned(b.umin);
        b.atMostUnsigned(a.umax);
      } else {
        a.atLeastUnsigned32(b.umin32);
        b.atMostUnsigned32(a.umax32);
      }
    } else if (wide) {
      a.atMostUnsigned(b.umax - 1);
      b.atLeastUnsigned(a.umin + 1);
    } else {
      a.atMostUnsigned32(b.umax32 - 1);
      b.atLeastUnsigned32(a.umin32 + 1);
    }
  }

  private static void refineSignedLess(boolean wide, boolean holds, Bounds a, Bounds b) {
    if (!holds) {
      if (wide) {
        a.atLeastSigned(b.smin);
        b.atMostSigned(a.smax);
      } else {
        a.atLeastSigned32(b.smin32);
        b.atMostSigned32(a.smax32);
      }
    } else if (wide) {
      a.atMostSigned(b.smax - 1);
      b.atLeastSigned(a.smin + 1);
    } else {
      a.atMostSigned32(b.smax32 - 1);
      b.atLeastSigned32(a.smin32 + 1);
    }
  }
}
