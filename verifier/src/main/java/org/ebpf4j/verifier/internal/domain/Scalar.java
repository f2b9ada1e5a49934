package org.ebpf4j.verifier.internal.domain;

/// A set of 64-bit numbers, as what is known of it: some bits, and a range for each of signed and
/// unsigned, whole number and lower half. A number is in the set if all parts allow it.
///
/// @param bits the bits known
/// @param smin least whole number, signed
/// @param smax greatest whole number, signed
/// @param umin least whole number, unsigned
/// @param umax greatest whole number, unsigned
/// @param smin32 least lower half, signed
/// @param smax32 greatest lower half, signed
/// @param umin32 least lower half, unsigned
/// @param umax32 greatest lower half, unsigned
public record Scalar(
    Tnum bits,
    long smin,
    long smax,
    long umin,
    long umax,
    int smin32,
    int smax32,
    int umin32,
    int umax32) {
  /// Any number.
  public static final Scalar UNKNOWN = new Bounds().freeze();

  /// The number 0.
  public static final Scalar ZERO = make(0);

  private static final Scalar[] SMALL = small();

  private static Scalar[] small() {
    Scalar[] constants = new Scalar[512];
    for (int i = 0; i < constants.length; i++) {
      constants[i] = make(i - 256);
    }
    return constants;
  }

  private static Scalar make(long value) {
    Bounds bounds = new Bounds();
    bounds.setConstant(value);
    return bounds.freeze();
  }

  /// One number.
  public static Scalar constant(long value) {
    return value >= -256 && value < 256 ? SMALL[(int) value + 256] : make(value);
  }

  /// All of `[min, max]`, signed.
  public static Scalar signedRange(long min, long max) {
    return UNKNOWN.withSignedRange(min, max);
  }

  /// Those of `[min, max]`, signed, that have some bits, with nothing drawn from that for the other
  /// parts: for who asks for these two only.
  public static Scalar signedRangeAlone(long min, long max, Tnum bits) {
    Scalar any = UNKNOWN;
    return new Scalar(
        bits, min, max, any.umin, any.umax, any.smin32, any.smax32, any.umin32, any.umax32);
  }

  /// All of `[min, max]`, unsigned.
  public static Scalar unsignedRange(long min, long max) {
    Bounds bounds = new Bounds();
    bounds.atLeastUnsigned(min);
    bounds.atMostUnsigned(max);
    return bounds.sync().freeze();
  }

  /// What of this lies in `[min, max]`, signed.
  public Scalar withSignedRange(long min, long max) {
    Bounds bounds = new Bounds(this);
    bounds.atLeastSigned(min);
    bounds.atMostSigned(max);
    return bounds.sync().freeze();
  }

  /// Numbers whose lower half, and which themselves, lie in `[min, max]`, signed.
  public static Scalar intRange(int min, int max) {
    Bounds bounds = new Bounds();
    bounds.atLeastSigned(min);
    bounds.atMostSigned(max);
    bounds.atLeastSigned32(min);
    bounds.atMostSigned32(max);
    return bounds.sync().freeze();
  }

  public boolean isConstant() {
    return bits.isConstant();
  }

  public boolean isZero() {
    return bits.mask() == 0 && bits.value() == 0;
  }

  /// The number, of a constant.
  public long value() {
    return bits.value();
  }

  /// Whether the lower half is one number.
  public boolean isConstant32() {
    return bits.isLowConstant();
  }

  /// Whether `number` is in the set.
  public boolean contains(long number) {
    int low = (int) number;
    return bits.contains(number)
        && smin <= number
        && number <= smax
        && Long.compareUnsigned(umin, number) <= 0
        && Long.compareUnsigned(number, umax) <= 0
        && smin32 <= low
        && low <= smax32
        && Integer.compareUnsigned(umin32, low) <= 0
        && Integer.compareUnsigned(low, umax32) <= 0;
  }

  /// Whether every part of this allows what the same part of `inner` allows.
  public boolean contains(Scalar inner) {
    return this == inner || (rangesContain(inner) && bits.contains(inner.bits));
  }

  /// Whether the four ranges contain those of `inner`.
  public boolean rangesContain(Scalar inner) {
    return Long.compareUnsigned(umin, inner.umin) <= 0
        && Long.compareUnsigned(umax, inner.umax) >= 0
        && smin <= inner.smin
        && smax >= inner.smax
        && Integer.compareUnsigned(umin32, inner.umin32) <= 0
        && Integer.compareUnsigned(umax32, inner.umax32) >= 0
        && smin32 <= inner.smin32
        && smax32 >= inner.smax32;
  }

  /// What both allow, part by part; this alone, if that is nothing.
  public Scalar meet(Scalar other) {
    Bounds bounds = new Bounds(this);
    bounds.bits = bits.intersect(other.bits);
    bounds.atLeastSigned(other.smin);
    bounds.atMostSigned(other.smax);
    bounds.atLeastUnsigned(other.umin);
    bounds.atMostUnsigned(other.umax);
    bounds.atLeastSigned32(other.smin32);
    bounds.atMostSigned32(other.smax32);
    bounds.atLeastUnsigned32(other.umin32);
    bounds.atMostUnsigned32(other.umax32);
    bounds.sync();
    return bounds.isContradiction() ? this : bounds.freeze();
  }

  /// The smallest set that has these parts and holds both.
  public Scalar union(Scalar other) {
    return new Scalar(
        bits.union(other.bits),
        Math.min(smin, other.smin),
        Math.max(smax, other.smax),
        Long.compareUnsigned(umin, other.umin) <= 0 ? umin : other.umin,
        Long.compareUnsigned(umax, other.umax) >= 0 ? umax : other.umax,
        Math.min(smin32, other.smin32),
        Math.max(smax32, other.smax32),
        Integer.compareUnsigned(umin32, other.umin32) <= 0 ? umin32 : other.umin32,
        Integer.compareUnsigned(umax32, other.umax32) >= 0 ? umax32 : other.umax32);
  }

  /// The same numbers, with bounds that are numbers of the set: where the lowest bits are known, as
  /// those of a counter are that goes by a power of two, the bounds have them too.
  public Scalar withBoundsOnStride() {
    int known = Math.min(Long.numberOfTrailingZeros(bits.mask()), Integer.SIZE - 2);
    if (known == 0 || bits.isConstant()) {
      return this;
    }
    long low = (1L << known) - 1;
    // How far each bound lies from the next number of the set, towards the inside.
    long a = (bits.value() - smin) & low;
    long b = (smax - bits.value()) & low;
    long c = (bits.value() - umin) & low;
    long d = (umax - bits.value()) & low;
    long e = (bits.value() - smin32) & low;
    long f = (smax32 - bits.value()) & low;
    long g = (bits.value() - umin32) & low;
    long h = (umax32 - bits.value()) & low;
    if ((a | b | c | d | e | f | g | h) == 0) {
      return this;
    }
    Scalar tight =
        new Scalar(
            bits,
            smin + a,
            smax - b,
            umin + c,
            umax - d,
            (int) (smin32 + e),
            (int) (smax32 - f),
            (int) (umin32 + g),
            (int) (umax32 - h));
    // What holds no number at all is left as it is.
    return tight.isOrdered() ? tight : this;
  }

  private boolean isOrdered() {
    return smin <= smax
        && Long.compareUnsigned(umin, umax) <= 0
        && smin32 <= smax32
        && Integer.compareUnsigned(umin32, umax32) <= 0;
  }

  /// Bits that the greatest number needs.
  public int width() {
    return 64 - Long.numberOfLeadingZeros(umax);
  }

  /// The lower half, zero-extended.
  public Scalar low32() {
    if (Long.compareUnsigned(umax, 0xffff_ffffL) <= 0) {
      return this;
    }
    Bounds bounds = new Bounds(this);
    bounds.zeroExtend32();
    return bounds.sync().freeze();
  }

  /// The lowest `bytes` bytes, zero-extended.
  public Scalar truncate(int bytes) {
    if (bytes >= 8) {
      return this;
    }
    Bounds bounds = new Bounds(this);
    bounds.bits = bits.truncate(bytes);
    long keep = (1L << (bytes * 8)) - 1;
    if ((umin & ~keep) == (umax & ~keep)) {
      bounds.umin = umin & keep;
      bounds.umax = umax & keep;
    } else {
      bounds.umin = 0;
      bounds.umax = keep;
    }
    bounds.smin = bounds.umin;
    bounds.smax = bounds.umax;
    if (bytes < 4) {
      bounds.forget32();
    }
    return bounds.sync().freeze();
  }

  /// The lowest 8, 16 or 32 bits, sign-extended to 64.
  public Scalar signExtend(int count) {
    int shift = 64 - count;
    if (isConstant()) {
      return constant(value() << shift >> shift);
    }
    long least = -1L << (count - 1);
    if (smin >> count == smax >> count) {
      long low = smin << shift >> shift;
      long high = smax << shift >> shift;
      if (low < 0 == high < 0) {
        return signedRange(Math.min(low, high), Math.max(low, high));
      }
    }
    return signedRange(least, ~least);
  }

  /// The lowest 8 or 16 bits, sign-extended to 32 and from there zero-extended.
  public Scalar signExtend32(int count) {
    int shift = 32 - count;
    if (isConstant()) {
      return constant(((int) value() << shift >> shift) & 0xffff_ffffL);
    }
    int least = -1 << (count - 1);
    int min = least;
    int max = ~least;
    if (smin32 >> count == smax32 >> count) {
      int low = smin32 << shift >> shift;
      int high = smax32 << shift >> shift;
      if (low < 0 == high < 0) {
        min = Math.min(low, high);
        max = Math.max(low, high);
      }
    }
    Bounds bounds = new Bounds();
    bounds.atLeastSigned32(min);
    bounds.atMostSigned32(max);
    bounds.zeroExtend32();
    return bounds.sync().freeze();
  }

  /// The lowest 16, 32 or 64 bits with their bytes in the opposite order, and 0 above.
  public Scalar reverseBytes(int count) {
    int shift = 64 - count;
    Bounds bounds = new Bounds();
    bounds.bits =
        new Tnum(
            Long.reverseBytes(bits.value()) >>> shift, Long.reverseBytes(bits.mask()) >>> shift);
    return bounds.sync().freeze();
  }

  /// These with the lower half one number.
  public Scalar withLow32(int value) {
    Bounds bounds = new Bounds(this);
    bounds.setConstant32(value);
    bounds.forget64();
    return bounds.sync().freeze();
  }
}
