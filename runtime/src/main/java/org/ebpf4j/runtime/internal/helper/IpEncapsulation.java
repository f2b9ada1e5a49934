package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `bpf_lwt_push_encap` with `BPF_LWT_ENCAP_IP`: puts an IP header, and what else the program wants
/// after it, in front of a packet on its way through a lightweight tunnel.
///
/// Source: `bpf_lwt_push_ip_encap` in Linux 6.18's `net/core/lwt_bpf.c`.
final class IpEncapsulation {
  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;

  /// `LWT_BPF_MAX_HEADROOM`.
  private static final int MOST = 256;

  private static final int IPV4_PROTOCOL = 9;
  private static final int IPV6_PROTOCOL = 6;
  private static final int UDP = 17;
  private static final int UDP_HEADER = 8;

  /// Where an IPv4 header has its checksum.
  private static final int CHECKSUM = 10;

  private IpEncapsulation() {}

  /// 0 or a negated errno.
  ///
  /// @param header address of the outer header
  static int push(SkbContext skb, long header, int length) {
    if (length < IPV4_HEADER || length > MOST) {
      return Errno.EINVAL.negated();
    }
    int first = Memory.getByte(header) & 0xff;
    int version = first >>> 4;
    int headerLength = (first & 0xf) * Integer.BYTES;
    boolean complete =
        switch (version) {
          case 4 -> length >= headerLength + udp(header + IPV4_PROTOCOL);
          case 6 -> length >= IPV6_HEADER && length >= IPV6_HEADER + udp(header + IPV6_PROTOCOL);
          default -> false;
        };
    if (!complete) {
      return Errno.EINVAL.negated();
    }
    if (!skb.pushNetworkHeader(header, length)) {
      return Errno.ENOMEM.negated();
    }
    skb.setEncapsulated();
    skb.setField(Skb.HASH, 0);
    skb.setProtocol(version == 4 ? Skb.IPV4 : Skb.IPV6);
    if (version == 4) {
      fillChecksum(skb.buffer().data(), headerLength);
    }
    return 0;
  }

  /// Bytes of the header that has to follow, by the protocol: of UDP alone.
  private static int udp(long protocol) {
    return Memory.getByte(protocol) == UDP ? UDP_HEADER : 0;
  }

  /// Programs may leave the checksum to Linux, by a 0.
  private static void fillChecksum(long header, int length) {
    if (Memory.getShort(header + CHECKSUM) == 0) {
      int sum = Checksum.to16(Checksum.add(header, length, 0));
      Memory.putShort(header + CHECKSUM, (short) ~sum);
    }
  }
}
