package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Tunnel metadata of a packet, `struct bpf_tunnel_key`: what a program says of the tunnel that the
/// packet is to leave by. Packets of the JVM host come from no tunnel. Source:
/// `bpf_skb_get_tunnel_key`, `bpf_skb_set_tunnel_key` in `net/core/filter.c`.
enum TunnelHelpers implements HelperBody {
  /// Headers of segment routing (SRv6) are refused, as by a kernel built without it. Source:
  /// `bpf_lwt_in_push_encap` in `net/core/filter.c`.
  LWT_PUSH_ENCAP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.context() instanceof SkbContext skb && (int) b == ENCAP_IP
          ? IpEncapsulation.push(skb, c, (int) d)
          : Errno.EINVAL.negated();
    }
  },

  SKB_SET_TUNNEL_KEY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if ((d & ~SET_FLAGS) != 0 || !isKeySize(c)) {
        return Errno.EINVAL.negated();
      }
      boolean ipv6 = (d & IPV6) != 0;
      boolean label = c > LABEL && Memory.getInt(b + LABEL) != 0;
      boolean reserved = c > RESERVED && Memory.getShort(b + RESERVED) != 0;
      if ((label && !ipv6) || reserved) {
        return Errno.EINVAL.negated();
      }
      long key = skb.tunnelKey();
      Memory.fill(key, SkbContext.TUNNEL_KEY_BYTES, (byte) 0);
      Memory.copy(b, key, c);
      skb.setTunnelVersion(ipv6 ? 6 : 4);
      return 0;
    }
  },

  /// Options of the tunnel, a multiple of 4 bytes, once the key is set.
  SKB_SET_TUNNEL_OPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb) || skb.tunnelVersion() == 0 || c % 4 != 0) {
        return Errno.EINVAL.negated();
      }
      if (c > SkbContext.TUNNEL_OPTION_BYTES) {
        return Errno.ENOMEM.negated();
      }
      Memory.copy(b, skb.tunnelOption(), c);
      skb.setTunnelOptions((int) c);
      return 0;
    }
  },

  /// How many bytes of options there are.
  SKB_GET_TUNNEL_OPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.fill(b, c, (byte) 0);
      if (!(run.context() instanceof SkbContext skb) || skb.tunnelOptions() == 0) {
        return Errno.ENOENT.negated();
      }
      if (c < skb.tunnelOptions()) {
        return Errno.ENOMEM.negated();
      }
      Memory.copy(skb.tunnelOption(), b, skb.tunnelOptions());
      return skb.tunnelOptions();
    }
  },

  /// The ends are given as the receiver sees them: what was set as local is remote.
  SKB_GET_TUNNEL_KEY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      Memory.fill(b, c, (byte) 0);
      boolean ipv6 = (d & IPV6) != 0;
      if (skb.tunnelVersion() == 0 || (d & ~GET_FLAGS) != 0) {
        return Errno.EINVAL.negated();
      }
      if (skb.tunnelVersion() != (ipv6 ? 6 : 4)) {
        return Errno.EPROTO.negated();
      }
      if (!isKeySize(c)) {
        return Errno.EINVAL.negated();
      }
      long key = skb.tunnelKey();
      copyPart(key, 0, b, 0, Integer.BYTES, c);
      copyPart(key, LOCAL, b, REMOTE, ipv6 ? 16 : 4, c);
      copyPart(key, TYPE_AND_TTL, b, TYPE_AND_TTL, 2, c);
      copyPart(key, LABEL, b, LABEL, Integer.BYTES, c);
      copyPart(key, REMOTE, b, LOCAL, ipv6 ? 16 : 4, c);
      return 0;
    }
  };

  private static final long IPV6 = 1;

  /// `BPF_LWT_ENCAP_IP`.
  private static final int ENCAP_IP = 2;

  /// `BPF_F_TUNINFO_IPV6`, `_ZERO_CSUM_TX`, `_DONT_FRAGMENT`, `_SEQ_NUMBER`, `_NO_TUNNEL_KEY`.
  private static final long SET_FLAGS = 0x1f;

  /// `BPF_F_TUNINFO_IPV6`, `BPF_F_TUNINFO_FLAGS`.
  private static final long GET_FLAGS = 1 | 1 << 4;

  // Offsets in struct bpf_tunnel_key.
  private static final int REMOTE = 4;
  private static final int TYPE_AND_TTL = 20;
  private static final int RESERVED = 22;
  private static final int LABEL = 24;
  private static final int LOCAL = 28;

  /// The struct's size, and those that it had before.
  private static boolean isKeySize(long size) {
    return size == SkbContext.TUNNEL_KEY_BYTES
        || size == LOCAL
        || size == LABEL
        || size == RESERVED
        || size == 2 * Integer.BYTES;
  }

  /// Copies a field as far as the program's struct has it.
  private static void copyPart(long key, int from, long to, int offset, int size, long limit) {
    if (offset + size <= limit) {
      Memory.copy(key + from, to + offset, size);
    }
  }
}
