package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;

/// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit
/// words, a last odd byte counting as the upper half of one.
public final class InternetChecksum {
  private InternetChecksum() {}

  /// The checksum of these bytes, 0 to 0xffff.
  public static int of(byte[] bytes) {
    return fold(sum(bytes));
  }

  static long sum(byte[] bytes) {
    return sum(ByteBuffer.wrap(bytes), 0, bytes.length);
  }

  /// The plain sum of the big-endian words from `start` up to `end`: sums add up.
  static long sum(ByteBuffer bytes, int start, int end) {
    long sum = 0;
    int position = start;
    for (; position + 1 < end; position += 2) {
      sum += Short.toUnsignedInt(bytes.getShort(position));
    }
    if (position < end) {
      sum += Byte.toUnsignedInt(bytes.get(position)) << 8;
    }
    return sum;
  }

  /// The checksum that a plain sum stands for.
  static int fold(long sum) {
    long folded = sum;
    while (folded > 0xffff) {
      folded = (folded & 0xffff) + (folded >>> 16);
    }
    return (int) ~folded & 0xffff;
  }
}
