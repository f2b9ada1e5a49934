package org.ebpf4j.testkit;

import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Width;

/// The numbers that a register may hold, as far as the generator needs to know: from `low` to
/// `high`, unsigned. No more precise than any verifier, so that what it holds for safe is likely to
/// be accepted.
record Range(long low, long high) {
  static final Range ALL = new Range(0, -1);
  static final Range WORD = new Range(0, 0xffff_ffffL);

  Range {
    if (Long.compareUnsigned(low, high) > 0) {
      throw new IllegalArgumentException("from %x to %x".formatted(low, high));
    }
  }

  static Range constant(long value) {
    return new Range(value, value);
  }

  /// All numbers of so many bytes.
  static Range ofBytes(int bytes) {
    return bytes == 8 ? ALL : new Range(0, (1L << (8 * bytes)) - 1);
  }

  boolean isConstant() {
    return low == high;
  }

  /// Whether all of it lies between 0 and `limit`.
  boolean below(long limit) {
    return Long.compareUnsigned(high, limit) <= 0;
  }

  Range union(Range other) {
    return new Range(
        Long.compareUnsigned(low, other.low) < 0 ? low : other.low,
        Long.compareUnsigned(high, other.high) > 0 ? high : other.high);
  }

  /// What is left when the number is known to be at most `limit`; this range itself if nothing is.
  Range atMost(long limit) {
    return Long.compareUnsigned(low, limit) > 0 || Long.compareUnsigned(high, limit) <= 0
        ? this
        : new Range(low, limit);
  }

  /// What is left when the number is known to be at least `limit`; this range itself if nothing is.
  Range atLeast(long limit) {
    return Long.compareUnsigned(high, limit) < 0 || Long.compareUnsigned(low, limit) >= 0
        ? this
        : new Range(limit, high);
  }

  /// What an operation makes of two numbers.
  Range apply(Width width, AluOperation operation, Range other) {
    if (width == Width.W64) {
      return apply(operation, other, 64);
    }
    Range left = below(WORD.high) ? this : WORD;
    Range right = other.below(WORD.high) ? other : WORD;
    Range result = left.apply(operation, right, 32);
    return result.below(WORD.high) ? result : WORD;
  }

  private Range apply(AluOperation operation, Range other, int bits) {
    boolean small = below(Integer.MAX_VALUE) && other.below(Integer.MAX_VALUE);
    return switch (operation) {
      case MOV -> other;
      case ADD -> small ? new Range(low + other.low, high + other.high) : ALL;
      case SUB ->
          small && Long.compareUnsigned(low, other.high) >= 0
              ? new Range(low - other.high, high - other.low)
              : ALL;
      case MUL ->
          small && high * other.high <= Integer.MAX_VALUE
              ? new Range(low * other.low, high * other.high)
              : ALL;
      case AND -> new Range(0, Long.compareUnsigned(high, other.high) < 0 ? high : other.high);
      case OR, XOR -> new Range(0, ones(high | other.high));
      case LSH -> shiftLeft(other, bits);
      case RSH -> other.isConstant() && other.below(bits - 1) ? shiftRight(other.low) : ALL;
      case ARSH ->
          other.isConstant() && other.below(bits - 1) && below(Integer.MAX_VALUE)
              ? shiftRight(other.low)
              : ALL;
      case DIV, SDIV, MOD, SMOD -> ALL;
    };
  }

  private Range shiftLeft(Range by, int bits) {
    boolean fits =
        by.isConstant() && by.below(bits - 1) && by.low < Long.numberOfLeadingZeros(high) - 33;
    return fits ? new Range(low << by.low, high << by.low) : ALL;
  }

  private Range shiftRight(long by) {
    return new Range(low >>> by, high >>> by);
  }

  private static long ones(long value) {
    return value == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(value);
  }
}
