package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The mark "congestion experienced" in an IP header (RFC 3168).
///
/// Source: `IP_ECN_set_ce` and `IP6_ECN_set_ce` in `include/net/inet_ecn.h`.
final class CongestionMark {
  private static final int MASK = 3;

  private CongestionMark() {}

  /// Sets the mark if the sender allows it; 1 if the packet is marked afterwards.
  static int set(SkbContext skb) {
    int at = skb.networkOffset();
    long header = skb.buffer().data() + at;
    return switch (skb.protocol()) {
      case Skb.IPV4 -> skb.buffer().contains(at, 20) ? setIpv4(header) : 0;
      case Skb.IPV6 -> skb.buffer().contains(at, 40) ? setIpv6(header) : 0;
      default -> 0;
    };
  }

  private static int setIpv4(long header) {
    int type = Memory.getByte(header + 1);
    if ((type & MASK) == 0) {
      return 0;
    }
    if ((type & MASK) != MASK) {
      int before = Memory.getShort(header) & 0xffff;
      Memory.putByte(header + 1, (byte) (type | MASK));
      int after = Memory.getShort(header) & 0xffff;
      return Checksum.replace(header + 10, before, after, 2, false) == 0 ? 1 : 0;
    }
    return 1;
  }

  /// The traffic class lies across the first two bytes: its lowest two bits are bits 4 and 5 of the
  /// second.
  private static int setIpv6(long header) {
    int second = Memory.getByte(header + 1);
    if ((second & MASK << 4) == 0) {
      return 0;
    }
    Memory.putByte(header + 1, (byte) (second | MASK << 4));
    return 1;
  }
}
