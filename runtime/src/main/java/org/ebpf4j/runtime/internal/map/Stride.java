package org.ebpf4j.runtime.internal.map;

/// How far apart things of one size lie in memory, to divide by: with a multiplication, which takes
/// a fraction of the time of a division by a number that is no constant.
///
/// With `m` the least number of which `stride * m` is at least 2^64, the upper half of `distance *
/// m` is the quotient as long as `distance * stride` is below 2^64.
final class Stride {
  private static final int MOST_BITS = 31;
  private static final long LONGEST_DISTANCE = 1L << (Long.SIZE - MOST_BITS);

  private final long stride;
  private final long factor;

  /// @param stride in bytes, more than 1
  Stride(long stride) {
    this.stride = stride;
    this.factor = stride > 1 && stride < 1L << MOST_BITS ? Long.divideUnsigned(-1, stride) + 1 : 0;
  }

  /// What is left of a distance, not negative, behind the last whole multiple.
  long remainder(long distance) {
    if (factor == 0 || distance >= LONGEST_DISTANCE) {
      return distance % stride;
    }
    return distance - Math.unsignedMultiplyHigh(distance, factor) * stride;
  }
}
