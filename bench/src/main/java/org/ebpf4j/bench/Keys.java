package org.ebpf4j.bench;

/// The keys that all maps are measured with: as many distinct numbers, in an order that no
/// prefetcher foresees.
final class Keys {
  /// How many: a power of two.
  static final int COUNT = 8192;

  /// 2⁶⁴ divided by the golden ratio, odd: multiplying by it permutes the numbers.
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private Keys() {}

  /// The key at a place, scattered over 64 bits.
  static long at(int place) {
    return index(place) * SPREAD;
  }

  /// The key at a place for maps whose keys are the numbers below [#COUNT].
  static int index(int place) {
    return (int) (place * SPREAD) & (COUNT - 1);
  }
}
