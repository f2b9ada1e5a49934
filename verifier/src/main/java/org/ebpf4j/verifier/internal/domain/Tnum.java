package org.ebpf4j.verifier.internal.domain;

/// A tracked number: a 64-bit number some of whose bits are known. A bit set in `mask` is unknown
/// and 0 in `value`; every other bit is as in `value`.
///
/// The algebra is that of Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation
/// with Tristate Numbers" (CGO 2022), which Linux uses too; its product is that of Linux 6.18.
public record Tnum(long value, long mask) {
  /// Nothing known.
  public static final Tnum UNKNOWN = new Tnum(0, -1);

  private static final long LOW = 0xffff_ffffL;

  public static Tnum constant(long value) {
    return new Tnum(value, 0);
  }

  /// The least tnum that holds all of `[min, max]`, unsigned.
  public static Tnum range(long min, long max) {
    long open = openBits(min, max);
    return open == -1 ? UNKNOWN : new Tnum(min & ~open, open);
  }

  /// The bits that `[min, max]`, unsigned, leaves open: all from the highest in which the two
  /// differ.
  private static long openBits(long min, long max) {
    return min == max ? 0 : -1L >>> Long.numberOfLeadingZeros(min ^ max);
  }

  public boolean isConstant() {
    return mask == 0;
  }

  public boolean isUnknown() {
    return mask == -1;
  }

  /// Whether `number` is one of those this stands for.
  public boolean contains(long number) {
    return ((number ^ value) & ~mask) == 0;
  }

  /// Whether all numbers that `inner` stands for are this one's too.
  public boolean contains(Tnum inner) {
    return (inner.mask & ~mask) == 0 && value == (inner.value & ~mask);
  }

  /// The least of its numbers that is greater than `number`, unsigned, or the greatest of all if
  /// none is.
  long next(long number) {
    long greatest = value | mask;
    if (Long.compareUnsigned(number, greatest) >= 0) {
      return greatest;
    }
    if (Long.compareUnsigned(number, value) < 0) {
      return value;
    }
    // Its numbers are `value` plus a choice of unknown bits. The choice counts up in steps when the
    // bits between are filled with ones, which carry; below the highest known bit that is exceeded
    // all are.
    long above = number - value;
    long exceeded = above & ~mask;
    long below = exceeded == 0 ? 0 : -1L >>> Long.numberOfLeadingZeros(exceeded);
    long counted = ((above | below | ~mask) + 1) & mask;
    return value | counted;
  }

  public Tnum shiftLeft(int count) {
    return new Tnum(value << count, mask << count);
  }

  public Tnum shiftRight(int count) {
    return new Tnum(value >>> count, mask >>> count);
  }

  public Tnum shiftRightSigned(int count) {
    return new Tnum(value >> count, mask >> count);
  }

  /// An arithmetic shift of the lower half; the upper half of the result is 0.
  public Tnum shiftRightSigned32(int count) {
    return new Tnum(((int) value >> count) & LOW, ((int) mask >> count) & LOW);
  }

  public Tnum add(Tnum other) {
    long sumOfMasks = mask + other.mask;
    long sumOfValues = value + other.value;
    long carries = (sumOfMasks + sumOfValues) ^ sumOfValues;
    long unknown = carries | mask | other.mask;
    return new Tnum(sumOfValues & ~unknown, unknown);
  }

  public Tnum subtract(Tnum other) {
    long difference = value - other.value;
    long borrows = (difference + mask) ^ (difference - other.mask);
    long unknown = borrows | mask | other.mask;
    return new Tnum(difference & ~unknown, unknown);
  }

  public Tnum and(Tnum other) {
    long ones = value & other.value;
    long possible = (value | mask) & (other.value | other.mask);
    return new Tnum(ones, possible & ~ones);
  }

  public Tnum or(Tnum other) {
    long ones = value | other.value;
    return new Tnum(ones, (mask | other.mask) & ~ones);
  }

  public Tnum xor(Tnum other) {
    long unknown = mask | other.mask;
    return new Tnum((value ^ other.value) & ~unknown, unknown);
  }

  /// Long multiplication: where a bit of this is unknown, the sum so far goes on both with and
  /// without what the bit adds.
  public Tnum multiply(Tnum other) {
    Tnum sum = constant(0);
    Tnum a = this;
    Tnum b = other;
    while (a.value != 0 || a.mask != 0) {
      if ((a.value & 1) != 0) {
        sum = sum.add(b);
      } else if ((a.mask & 1) != 0) {
        sum = sum.union(sum.add(b));
      }
      a = a.shiftRight(1);
      b = b.shiftLeft(1);
    }
    return sum;
  }

  /// What is known where both are known to hold. Where they contradict each other the result is one
  /// of the many that stand for no number.
  public Tnum intersect(Tnum other) {
    return intersect(other.value, other.mask);
  }

  /// What of this lies in `[min, max]` too, unsigned.
  Tnum intersectRange(long min, long max) {
    long open = openBits(min, max);
    return intersect(min & ~open, open);
  }

  /// What of this has its lower half in `[min, max]`, unsigned.
  Tnum intersectLowRange(int min, int max) {
    long open = openBits(min & LOW, max & LOW) | ~LOW;
    return intersect(min & ~open, open);
  }

  /// Makes a new object only where something is learned, as a verifier seldom does and often asks.
  private Tnum intersect(long otherValue, long otherMask) {
    long unknown = mask & otherMask;
    long known = (value | otherValue) & ~unknown;
    return known == value && unknown == mask ? this : new Tnum(known, unknown);
  }

  /// The least tnum that holds all of both.
  public Tnum union(Tnum other) {
    long unknown = mask | other.mask | (value ^ other.value);
    return new Tnum(value & ~unknown, unknown);
  }

  /// The lowest `bytes` bytes, zero-extended.
  public Tnum truncate(int bytes) {
    if (bytes >= 8) {
      return this;
    }
    long keep = (1L << (bytes * 8)) - 1;
    return new Tnum(value & keep, mask & keep);
  }

  /// The lower 32 bits, zero-extended.
  public Tnum low() {
    return new Tnum(value & LOW, mask & LOW);
  }

  /// This with the lower 32 bits of `other`.
  public Tnum withLow(Tnum other) {
    return new Tnum((value & ~LOW) | (other.value & LOW), (mask & ~LOW) | (other.mask & LOW));
  }

  public boolean isLowConstant() {
    return (mask & LOW) == 0;
  }

  /// Whether every number it stands for is a multiple of `size`, a power of two.
  public boolean isAligned(long size) {
    return ((value | mask) & (size - 1)) == 0;
  }

  /// `(value; mask)` in hexadecimal, or the number alone, signed, if it is constant.
  @Override
  public String toString() {
    return mask == 0
        ? Long.toString(value)
        : "(0x" + Long.toHexString(value) + "; 0x" + Long.toHexString(mask) + ")";
  }
}
