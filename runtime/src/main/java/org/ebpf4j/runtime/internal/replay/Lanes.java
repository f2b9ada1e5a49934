package org.ebpf4j.runtime.internal.replay;

import java.util.Arrays;

/// A 64-bit value byte by byte: each is a known number, a byte of the input, or not known.
///
/// Loads, moves, shifts by whole bytes, masks, byte swaps and the putting together of such parts
/// can be followed this way, and that is what compilers make of reading a header's fields.
final class Lanes {
  /// Nothing is known of a byte.
  static final int UNKNOWN = -1;

  /// What is added to the offset of a byte of the packet, to tell it from a number.
  static final int PACKET = 0x1000;

  /// The same for a byte of the context.
  static final int CONTEXT = 0x100_0000;

  static final Lanes NOTHING_KNOWN = new Lanes(filled(UNKNOWN));

  private static final int BYTES = 8;

  private final int[] lanes;

  private Lanes(int[] lanes) {
    this.lanes = lanes;
  }

  private static int[] filled(int lane) {
    int[] lanes = new int[BYTES];
    Arrays.fill(lanes, lane);
    return lanes;
  }

  static Lanes constant(long value) {
    int[] lanes = new int[BYTES];
    for (int i = 0; i < BYTES; i++) {
      lanes[i] = (int) (value >>> (8 * i)) & 0xff;
    }
    return new Lanes(lanes);
  }

  /// `size` bytes of the input, from `first` on, which is an offset plus where it counts from.
  static Lanes input(int first, int size) {
    int[] lanes = new int[BYTES];
    for (int i = 0; i < size; i++) {
      lanes[i] = first + i;
    }
    return new Lanes(lanes);
  }

  /// The byte with this place value: a number below 256, a byte of the input, or [#UNKNOWN].
  int lane(int index) {
    return lanes[index];
  }

  Lanes truncate(int size) {
    int[] low = new int[BYTES];
    System.arraycopy(lanes, 0, low, 0, size);
    return new Lanes(low);
  }

  /// Moved up by `bits`, or down if they are negative; whole bytes only.
  Lanes shift(long bits) {
    if (bits % 8 != 0 || Math.abs(bits) >= 64) {
      return NOTHING_KNOWN;
    }
    int by = (int) bits / 8;
    int[] moved = new int[BYTES];
    for (int i = 0; i < BYTES; i++) {
      int from = i - by;
      moved[i] = from >= 0 && from < BYTES ? lanes[from] : 0;
    }
    return new Lanes(moved);
  }

  Lanes and(long mask) {
    int[] masked = new int[BYTES];
    for (int i = 0; i < BYTES; i++) {
      int part = (int) (mask >>> (8 * i)) & 0xff;
      boolean number = lanes[i] >= 0 && lanes[i] < 0x100;
      masked[i] = part == 0 ? 0 : part == 0xff ? lanes[i] : number ? lanes[i] & part : UNKNOWN;
    }
    return new Lanes(masked);
  }

  /// The two put together; where both have something, nothing is known.
  Lanes or(Lanes other) {
    int[] both = new int[BYTES];
    for (int i = 0; i < BYTES; i++) {
      both[i] = lanes[i] == 0 ? other.lanes[i] : other.lanes[i] == 0 ? lanes[i] : UNKNOWN;
    }
    return new Lanes(both);
  }

  /// The lowest `size` bytes the other way round.
  Lanes swap(int size) {
    int[] swapped = new int[BYTES];
    for (int i = 0; i < size; i++) {
      swapped[i] = lanes[size - 1 - i];
    }
    return new Lanes(swapped);
  }
}
