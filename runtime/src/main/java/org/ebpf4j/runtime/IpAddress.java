package org.ebpf4j.runtime;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/// An IP address as two numbers, for tables that are searched inside runs.
///
/// @param version 4 or 6
/// @param high for version 6 the first 8 bytes, as a big-endian number; else 0
/// @param low the last 8 bytes, or for version 4 all 4 bytes
public record IpAddress(int version, long high, long low) {

  public IpAddress {
    if (version != 4 && version != 6) {
      throw new IllegalArgumentException("there is no IP version " + version);
    }
  }

  /// Reads a literal such as `192.0.2.1` or `2001:db8::1`.
  ///
  /// @throws IllegalArgumentException if it is none
  public static IpAddress of(String literal) {
    return of(InetAddress.ofLiteral(literal).getAddress());
  }

  /// The address of 4 or 16 bytes in network order.
  public static IpAddress of(byte[] bytes) {
    return bytes.length == 4
        ? new IpAddress(4, 0, number(bytes, 0, 4))
        : new IpAddress(6, number(bytes, 0, 8), number(bytes, 8, 16));
  }

  /// Its 4 or 16 bytes in network order.
  public byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(version == 4 ? Integer.BYTES : 2 * Long.BYTES);
    return version == 4
        ? bytes.putInt((int) low).array()
        : bytes.putLong(high).putLong(low).array();
  }

  /// Whether the first `length` bits are those of a prefix.
  boolean within(IpAddress prefix, int length) {
    if (version != prefix.version) {
      return false;
    }
    if (version == 4) {
      return length == 0 || (low ^ prefix.low) >>> (32 - length) == 0;
    }
    if (length <= 64) {
      return length == 0 || (high ^ prefix.high) >>> (64 - length) == 0;
    }
    return high == prefix.high && (low ^ prefix.low) >>> (128 - length) == 0;
  }

  private static long number(byte[] bytes, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      number = number << 8 | (bytes[i] & 0xff);
    }
    return number;
  }
}
