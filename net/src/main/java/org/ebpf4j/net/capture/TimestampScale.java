package org.ebpf4j.net.capture;

/// How an interface counts time: pcapng's `if_tsresol` and `if_tsoffset`.
///
/// @param unitsPerSecond units of a timestamp in a second, unsigned; a power of ten or two
/// @param offsetSeconds seconds to add
record TimestampScale(long unitsPerSecond, long offsetSeconds) {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /// What holds for an interface that says nothing (draft-ietf-opsawg-pcapng section 4.2).
  static final TimestampScale MICROSECONDS = new TimestampScale(1_000_000, 0);

  /// Reads the value of `if_tsresol`: a power of two where the high bit is set, else of ten, with
  /// the exponent below. Returns 0 for a resolution that 64 bits cannot count.
  static long unitsPerSecond(int resolution) {
    int exponent = resolution & 0x7f;
    if ((resolution & 0x80) != 0) {
      return exponent < 64 ? (1L << exponent) : 0;
    }
    if (exponent > 19) {
      return 0;
    }
    long units = 1;
    for (int i = 0; i < exponent; i++) {
      units *= 10;
    }
    return units;
  }

  /// Nanoseconds since 1970, wrapping around where they do not fit 64 bits.
  ///
  /// @param timestamp an unsigned count of units
  long nanoseconds(long timestamp) {
    long seconds = Long.divideUnsigned(timestamp, unitsPerSecond);
    long rest = Long.remainderUnsigned(timestamp, unitsPerSecond);
    return (seconds + offsetSeconds) * NANOS_PER_SECOND + fraction(rest);
  }

  private long fraction(long rest) {
    if (Long.compareUnsigned(unitsPerSecond, NANOS_PER_SECOND) <= 0) {
      return Long.divideUnsigned(rest * NANOS_PER_SECOND, unitsPerSecond);
    }
    // The product has up to 94 bits: divide it as one of 128.
    long high = Math.unsignedMultiplyHigh(rest, NANOS_PER_SECOND);
    long low = rest * NANOS_PER_SECOND;
    return divide(high, low, unitsPerSecond);
  }

  /// Schoolbook division, bit by bit, of a 128-bit number whose quotient fits 64 bits.
  private static long divide(long high, long low, long divisor) {
    long remainder = high;
    long quotient = 0;
    for (int bit = 63; bit >= 0; bit--) {
      boolean carry = remainder < 0;
      remainder = (remainder << 1) | ((low >>> bit) & 1);
      if (carry || Long.compareUnsigned(remainder, divisor) >= 0) {
        remainder -= divisor;
        quotient |= 1L << bit;
      }
    }
    return quotient;
  }
}
