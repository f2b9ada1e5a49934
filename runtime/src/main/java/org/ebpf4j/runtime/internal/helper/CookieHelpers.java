package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// SYN cookies. Those of a socket (`tcp_gen_syncookie`, `tcp_check_syncookie`) are made and taken
/// only while its queue overflows, which the environment's sockets never do. Source:
/// `net/core/filter.c` of Linux 6.18.
enum CookieHelpers implements HelperBody {
  TCP_RAW_GEN_SYNCOOKIE_IPV4 {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return c < SynCookie.TCP_HEADER || c != SynCookie.length(b)
          ? Errno.EINVAL.negated()
          : SynCookie.ofIpv4(run, a, b).make(b, (int) c, DEFAULT_SIZE);
    }
  },

  TCP_RAW_GEN_SYNCOOKIE_IPV6 {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return c < SynCookie.TCP_HEADER || c != SynCookie.length(b)
          ? Errno.EINVAL.negated()
          : SynCookie.ofIpv6(run, a, b).make(b, (int) c, DEFAULT_SIZE_OF_IPV6);
    }
  },

  TCP_RAW_CHECK_SYNCOOKIE_IPV4 {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SynCookie.ofIpv4(run, a, b).isAnsweredBy(b) ? 0 : Errno.EACCES.negated();
    }
  },

  TCP_RAW_CHECK_SYNCOOKIE_IPV6 {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SynCookie.ofIpv6(run, a, b).isAnsweredBy(b) ? 0 : Errno.EACCES.negated();
    }
  },

  TCP_CHECK_SYNCOOKIE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (e < SynCookie.TCP_HEADER || !listens(run, a)) {
        return Errno.EINVAL.negated();
      }
      if ((flags(d) & (ACK | RST | SYN)) != ACK) {
        return Errno.ENOENT.negated();
      }
      return c < IPV4_HEADER ? Errno.EINVAL.negated() : Errno.ENOENT.negated();
    }
  },

  TCP_GEN_SYNCOOKIE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (e < SynCookie.TCP_HEADER
          || e != SynCookie.length(d)
          || !listens(run, a)
          || (flags(d) & (SYN | ACK | FIN | RST)) != SYN
          || c < IPV4_HEADER) {
        return Errno.EINVAL.negated();
      }
      return switch (Memory.getByte(b) >> 4 & 0xf) {
        case 4 -> Errno.ENOENT.negated();
        case 6 ->
            c < IPV6_HEADER || Memory.getInt(a + SocketStruct.FAMILY) != INET6
                ? Errno.EINVAL.negated()
                : Errno.ENOENT.negated();
        default -> Errno.EPROTONOSUPPORT.negated();
      };
    }
  };

  /// `TCP_MSS_DEFAULT`.
  private static final int DEFAULT_SIZE = 536;

  /// What the least MTU of IPv6 leaves.
  private static final int DEFAULT_SIZE_OF_IPV6 = 1220;

  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;
  private static final int INET6 = 10;
  private static final int TCP = 6;

  private static final int FLAGS = 13;
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;

  private static int flags(long tcp) {
    return Memory.getByte(tcp + FLAGS);
  }

  private static boolean listens(Run run, long socket) {
    Sockets.check(run, socket);
    return Memory.getInt(socket + SocketStruct.PROTOCOL) == TCP
        && Memory.getInt(socket + SocketStruct.STATE) == SocketStruct.LISTEN;
  }
}
