package org.ebpf4j.testkit;

import java.util.List;

/// Random choices that follow from a seed alone, on every machine and with every JDK.
///
/// The generator is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
public final class Chance {
  private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

  /// Numbers at which operations change their ways.
  private static final long[] EDGES = {
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -8,
    -128,
    -32768,
    Integer.MIN_VALUE,
    0x7fff_ffff_0000_0000L,
    0x5555_5555_5555_5555L
  };

  private long state;

  public Chance(long seed) {
    this.state = seed;
  }

  /// Any number, all equally likely.
  public long number() {
    state += STEP;
    long mixed = (state ^ (state >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return mixed ^ (mixed >>> 31);
  }

  /// A number from 0 to `bound - 1`.
  public int below(int bound) {
    return (int) Long.remainderUnsigned(number() >>> 1, bound);
  }

  /// A number from `low` to `high`, both included.
  public int between(int low, int high) {
    return low + below(high - low + 1);
  }

  /// Whether something happens that does so `percent` times in a hundred.
  public boolean percent(int percent) {
    return below(100) < percent;
  }

  /// Whether something happens that does so `count` times in a thousand.
  public boolean perMille(int count) {
    return below(1000) < count;
  }

  /// One of a list, which is not empty.
  public <T> T pick(List<T> list) {
    return list.get(below(list.size()));
  }

  /// One of the values, of which there is one at least.
  @SafeVarargs
  public final <T> T pick(T... values) {
    return values[below(values.length)];
  }

  /// A number of the sort that finds faults: an edge, one beside it, few bits, or any.
  public long edge() {
    long edge = EDGES[below(EDGES.length)];
    return switch (below(5)) {
      case 0, 1 -> edge;
      case 2 -> edge + between(-2, 2);
      case 3 -> number() >> below(64);
      default -> below(64);
    };
  }

  /// Bytes of the sort that find faults: words that are edges, all ones, all zeros, or any.
  public byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    int mode = below(5);
    for (int i = 0; i < length; ) {
      long word =
          switch (mode) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> number();
            default -> edge();
          };
      int width = mode < 3 ? 8 : 1 << below(4);
      for (int b = 0; b < width && i < length; b++) {
        bytes[i++] = (byte) (word >>> (8 * b));
      }
    }
    return bytes;
  }
}
