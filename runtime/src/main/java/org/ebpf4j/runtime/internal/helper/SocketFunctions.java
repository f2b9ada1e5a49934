package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Sockets that packets are given to.
///
/// Source: Linux 6.18's `net/core/filter.c`.
enum SocketFunctions implements HelperBody {
  /// Gives a packet, whose cookie the program has checked, to the listener that is to make a
  /// connection of it. All of TCP's options are on in this host, as they are in Linux unless
  /// someone turned them off.
  BPF_SK_ASSIGN_TCP_REQSK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, b);
      if (!(run.context() instanceof SkbContext skb)
          || d != ATTRIBUTES
          || Memory.getByte(c + RESERVED) != 0
          || Memory.getShort(c + RESERVED + 1) != 0
          || Memory.getInt(b + SocketStruct.STATE) != SocketStruct.LISTEN) {
        return Errno.EINVAL.negated();
      }
      int least = leastSegment(skb);
      int segment = Memory.getShort(c + SEGMENT) & 0xffff;
      boolean scaled = Memory.getByte(c + SCALED) != 0;
      if (least == 0
          || segment < least
          || (scaled && (tooMuch(c + RECEIVE_SCALE) || tooMuch(c + SEND_SCALE)))) {
        return Errno.EINVAL.negated();
      }
      skb.destination().toSocket(SocketStruct.cookie(b), 0);
      return 0;
    }
  };

  // `struct bpf_tcp_req_attrs`: its size, and offsets of `mss`, `rcv_wscale`, `snd_wscale`,
  // `wscale_ok` and the three bytes `reserved`.
  private static final int ATTRIBUTES = 20;
  private static final int SEGMENT = 8;
  private static final int RECEIVE_SCALE = 10;
  private static final int SEND_SCALE = 11;
  private static final int SCALED = 13;
  private static final int RESERVED = 17;

  /// `TCP_MAX_WSCALE`.
  private static final int MOST_SCALE = 14;

  /// The least size of segments that a peer may name, 0 for packets that are not of IP.
  private static int leastSegment(SkbContext skb) {
    return switch (Short.reverseBytes(Memory.getShort(skb.address() + Skb.PROTOCOL)) & 0xffff) {
      case Skb.IPV4 -> 536;
      case Skb.IPV6 -> 1280 - 60;
      default -> 0;
    };
  }

  private static boolean tooMuch(long scale) {
    return (Memory.getByte(scale) & 0xff) > MOST_SCALE;
  }
}
