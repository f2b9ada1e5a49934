package org.ebpf4j.btf;

import java.math.BigInteger;
import java.nio.ByteOrder;

/// Integers at any bit of some bytes.
///
/// Little-endian objects count bits from the least significant end, big-endian ones from the most
/// significant end, so that consecutive bit-fields are next to each other in either order.
final class BitField {
  private BitField() {}

  /// The unsigned number in `bits` bits from `bitOffset` on.
  static BigInteger read(byte[] bytes, long bitOffset, int bits, ByteOrder order) {
    BigInteger value = BigInteger.ZERO;
    for (int i = 0; i < bits; i++) {
      if (isSet(bytes, bitOffset + i, order)) {
        value = value.setBit(order == ByteOrder.LITTLE_ENDIAN ? i : bits - 1 - i);
      }
    }
    return value;
  }

  /// Writes the lower `bits` bits of a number at `bitOffset`.
  static void write(byte[] bytes, long bitOffset, int bits, ByteOrder order, BigInteger value) {
    for (int i = 0; i < bits; i++) {
      boolean set = value.testBit(order == ByteOrder.LITTLE_ENDIAN ? i : bits - 1 - i);
      int at = (int) ((bitOffset + i) / Byte.SIZE);
      int mask = mask(bitOffset + i, order);
      bytes[at] = (byte) (set ? bytes[at] | mask : bytes[at] & ~mask);
    }
  }

  private static boolean isSet(byte[] bytes, long bit, ByteOrder order) {
    return (bytes[(int) (bit / Byte.SIZE)] & mask(bit, order)) != 0;
  }

  private static int mask(long bit, ByteOrder order) {
    int inByte = (int) (bit % Byte.SIZE);
    return order == ByteOrder.LITTLE_ENDIAN ? 1 << inByte : 0x80 >> inByte;
  }
}
