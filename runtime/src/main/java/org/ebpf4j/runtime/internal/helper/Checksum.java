package org.ebpf4j.runtime.internal.helper;

import java.nio.ByteOrder;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Sums in one's complement, on 32 bits that are folded to 16 at the end, in memory's byte order
/// (RFC 1071). Source of the details: `include/net/checksum.h`, `net/core/utils.c`.
final class Checksum {
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private Checksum() {}

  /// Adds memory to a sum, as if zeros followed up to a multiple of 4 bytes.
  static int add(long address, int size, int seed) {
    long sum = Integer.toUnsignedLong(seed);
    int i = 0;
    for (; i <= size - Integer.BYTES; i += Integer.BYTES) {
      sum += Integer.toUnsignedLong(Memory.getInt(address + i));
    }
    for (int shift = 0; i < size; i++) {
      sum += (Memory.getByte(address + i) & 0xffL) << (LITTLE_ENDIAN ? shift : 24 - shift);
      shift += Byte.SIZE;
    }
    return fold32(sum);
  }

  static int add(int a, int b) {
    return fold32(Integer.toUnsignedLong(a) + Integer.toUnsignedLong(b));
  }

  static int subtract(int a, int b) {
    return add(a, ~b);
  }

  /// A sum in 16 bits, not complemented.
  static int to16(int sum) {
    int folded = (sum & 0xffff) + (sum >>> 16);
    return (folded & 0xffff) + (folded >>> 16);
  }

  /// Brings a checksum in memory in line with a change of what it covers.
  ///
  /// @param from what was there; with `size` 0 it must be 0, and `to` is the difference of sums
  /// @param size bytes of the changed field: 0, 2 or 4
  /// @param wide whether fields of 2 bytes are summed as numbers of 4, as transport checksums do
  /// @return 0 or `EINVAL`
  static int replace(long checksum, long from, long to, int size, boolean wide) {
    int sum = ~(Memory.getShort(checksum) & 0xffff);
    int before = (int) from;
    int after = (int) to;
    if (size == 0) {
      if (from != 0) {
        return Errno.EINVAL.negated();
      }
    } else if (size == 2) {
      before = wide ? before : before & 0xffff;
      after = wide ? after : after & 0xffff;
    } else if (size != 4) {
      return Errno.EINVAL.negated();
    }
    int changed = add(size == 0 ? sum : subtract(sum, before), after);
    Memory.putShort(checksum, (short) ~to16(changed));
    return 0;
  }

  private static int fold32(long sum) {
    long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
    return (int) ((folded & 0xffff_ffffL) + (folded >>> 32));
  }
}
