package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// SYN cookies: a sequence number that says who asked, when, and with what segment size, so that
/// nothing need be kept until the answer comes. Only who knows the environment's secret can make
/// one.
///
///     cookie = hash(ends) + client's sequence number + minute << 24
///              + (hash(ends, minute) + index of segment size) & 0xffffff
///
/// Sources: `net/ipv4/syncookies.c`, `net/ipv6/syncookies.c` of Linux 6.18.
///
/// @param run whose environment has the secret and the clock
/// @param ends a hash of the addresses and ports
/// @param sizes the segment sizes that a cookie can stand for, ascending
record SynCookie(Run run, long ends, int[] sizes) {
  private static final int[] SIZES_OF_IPV4 = {536, 1300, 1440, 1460};
  private static final int[] SIZES_OF_IPV6 = {1220, 1420, 1440, 8940};

  private static final int MINUTE_SHIFT = 24;
  private static final int LOWER = (1 << MINUTE_SHIFT) - 1;
  private static final long MINUTE_NANOS = 60_000_000_000L;

  /// Minutes for which a cookie is good: `MAX_SYNCOOKIE_AGE`.
  private static final int MOST_AGE = 2;

  // Offsets in IP and TCP headers.
  private static final int ADDRESSES_OF_IPV4 = 12;
  private static final int ADDRESSES_OF_IPV6 = 8;
  private static final int SEQUENCE = 4;
  private static final int ACKNOWLEDGED = 8;
  private static final int DATA_OFFSET = 12;
  static final int TCP_HEADER = 20;

  /// @param ip an IPv4 header
  /// @param tcp a TCP header
  static SynCookie ofIpv4(Run run, long ip, long tcp) {
    long addresses = Memory.getLong(ip + ADDRESSES_OF_IPV4);
    return new SynCookie(
        run, hash(run, 0, addresses, Integer.toUnsignedLong(Memory.getInt(tcp))), SIZES_OF_IPV4);
  }

  /// @param ip an IPv6 header
  /// @param tcp a TCP header
  static SynCookie ofIpv6(Run run, long ip, long tcp) {
    long at = ip + ADDRESSES_OF_IPV6;
    return new SynCookie(
        run,
        hash(
            run,
            0,
            Memory.getLong(at),
            Memory.getLong(at + 8),
            Memory.getLong(at + 16),
            Memory.getLong(at + 24),
            Integer.toUnsignedLong(Memory.getInt(tcp))),
        SIZES_OF_IPV6);
  }

  private static long hash(Run run, long purpose, long... words) {
    return SipHash.of(run.environment().cookieSecret(), purpose, words);
  }

  /// The cookie for a SYN, and the segment size that it stands for above it.
  ///
  /// @param length bytes of the header, which was that long when it was looked at
  /// @param otherwise the size for a SYN that does not say
  long make(long tcp, int length, int otherwise) {
    int wanted = segmentSize(tcp, tcp + length);
    int index = sizes.length - 1;
    while (index > 0 && sizes[index] > (wanted == 0 ? otherwise : wanted)) {
      index--;
    }
    int minute = minute();
    int cookie =
        (int) ends
            + network(tcp + SEQUENCE)
            + (minute << MINUTE_SHIFT)
            + ((lower(minute) + index) & LOWER);
    return (long) sizes[index] << Integer.SIZE | Integer.toUnsignedLong(cookie);
  }

  /// Whether an ACK answers a cookie that is not too old.
  boolean isAnsweredBy(long tcp) {
    int sequence = network(tcp + SEQUENCE) - 1;
    int cookie = network(tcp + ACKNOWLEDGED) - 1 - (int) ends - sequence;
    int age = (minute() - (cookie >>> MINUTE_SHIFT)) & (-1 >>> MINUTE_SHIFT);
    if (age >= MOST_AGE) {
      return false;
    }
    int index = (cookie - lower(minute() - age)) & LOWER;
    return index < sizes.length;
  }

  private int minute() {
    return (int) (run.environment().monotonicNanos() / MINUTE_NANOS);
  }

  private int lower(int minute) {
    return (int) hash(run, 1, ends, minute);
  }

  private static int network(long address) {
    return Integer.reverseBytes(Memory.getInt(address));
  }

  /// Bytes of a TCP header, as it says itself.
  static int length(long tcp) {
    return (Memory.getByte(tcp + DATA_OFFSET) >> 4 & 0xf) * Integer.BYTES;
  }

  /// The segment size that a TCP header's options name, or 0 (`tcp_parse_mss_option`).
  private static int segmentSize(long tcp, long end) {
    long at = tcp + TCP_HEADER;
    while (at < end && Memory.getByte(at) != 0) {
      if (Memory.getByte(at) == 1) {
        at++;
        continue;
      }
      int size = at + 1 < end ? Memory.getByte(at + 1) & 0xff : 0;
      if (size < 2 || at + size > end) {
        return 0;
      }
      if (Memory.getByte(at) == 2 && size == 4) {
        return Short.reverseBytes(Memory.getShort(at + 2)) & 0xffff;
      }
      at += size;
    }
    return 0;
  }
}
