package org.ebpf4j.runtime.internal.helper;

import java.util.OptionalLong;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.LinuxContext;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.map.SocketStore;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Which socket gets a packet, and what a socket is. The sockets of an environment have no state of
/// their protocol, so they are none of the kernel's larger structs: those helpers give 0, as they
/// do in Linux for a socket of another kind.
///
/// Sources: `net/core/filter.c`, `net/core/sock_map.c` of Linux 6.18.
enum SocketHelpers implements HelperBody {
  /// Chooses the socket that gets a packet. Null, in lookups, takes the choice back.
  SK_ASSIGN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (b != 0 || run.context() instanceof SkbContext) {
        Sockets.check(run, b);
      }
      if (run.context() instanceof SkbContext skb) {
        if (c != 0) {
          return Errno.EINVAL.negated();
        }
        skb.destination().toSocket(SocketStruct.cookie(b), 0);
        return 0;
      }
      if (!(run.context() instanceof LinuxContext lookup) || (c & ~(REPLACE | NO_REUSEPORT)) != 0) {
        return Errno.EINVAL.negated();
      }
      int refusal = b == 0 ? 0 : refusal(lookup.address(), b);
      if (refusal != 0) {
        return refusal;
      }
      if (lookup.destination().isSocket() && (c & REPLACE) == 0) {
        return Errno.EEXIST.negated();
      }
      if (b == 0) {
        lookup.destination().clear();
      } else {
        lookup.destination().toSocket(SocketStruct.cookie(b), c);
      }
      return 0;
    }
  },

  /// The socket itself if it listens, else 0.
  GET_LISTENER_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return Memory.getInt(a + SocketStruct.STATE) == SocketStruct.LISTEN ? a : 0;
    }
  },

  /// Chooses one of the sockets that share a port.
  SK_SELECT_REUSEPORT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (d != 0) {
        return Errno.EINVAL.negated();
      }
      if (!(run.map(b) instanceof SocketStore store)
          || !(run.context() instanceof LinuxContext context)) {
        return Errno.EINVAL.negated();
      }
      if (store.socket(c) == 0) {
        return Errno.ENOENT.negated();
      }
      context.destination().toMap(run.map(b), Memory.getInt(c), 0);
      return 0;
    }
  },

  GET_NETNS_COOKIE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().networkNamespace();
    }
  },

  /// Puts the context's socket into a map, once its connection is made.
  SOCK_MAP_UPDATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return putIntoMap(run, b, c, d);
    }
  },

  SOCK_HASH_UPDATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return putIntoMap(run, b, c, d);
    }
  },

  SK_CGROUP_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      long[] path = run.environment().controlGroupPath(SocketStruct.cookie(a));
      return path[path.length - 1];
    }
  },

  SK_ANCESTOR_CGROUP_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      long[] path = run.environment().controlGroupPath(SocketStruct.cookie(a));
      int level = (int) b;
      return level >= 0 && level < path.length ? path[level] : 0;
    }
  },

  TCP_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_TCP6_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_TCP_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_TCP_TIMEWAIT_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_TCP_REQUEST_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_UDP6_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_UNIX_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  },

  SKC_TO_MPTCP_SOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Sockets.check(run, a);
      return 0;
    }
  };

  /// `BPF_SK_LOOKUP_F_REPLACE`, `BPF_SK_LOOKUP_F_NO_REUSEPORT`.
  private static final long REPLACE = 1;

  private static final long NO_REUSEPORT = 2;

  // Offsets in struct bpf_sk_lookup.
  private static final int LOOKUP_FAMILY = 8;
  private static final int LOOKUP_PROTOCOL = 12;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int INET = 2;

  /// `BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB`, `…_PASSIVE_ESTABLISHED_CB`, `…_TCP_LISTEN_CB`.
  private static final int CONNECTED = 4;

  private static final int ACCEPTED = 5;
  private static final int LISTENS = 11;

  private static long putIntoMap(Run run, long map, long key, long flags) {
    OptionalLong socket = run.environment().contextSocket();
    int operation = Memory.getInt(run.context().address());
    if (socket.isEmpty()
        || (operation != CONNECTED && operation != ACCEPTED && operation != LISTENS)) {
      return Errno.EOPNOTSUPP.negated();
    }
    Memory.putLong(run.scratch(), socket.getAsLong());
    return run.map(map).userUpdate(key, run.scratch(), flags);
  }

  /// 0, or why a lookup cannot end with this socket: it is connected, or of another family or
  /// protocol (`bpf_sk_lookup_assign`).
  private static int refusal(long lookup, long socket) {
    int protocol = Memory.getInt(socket + SocketStruct.PROTOCOL);
    int state = Memory.getInt(socket + SocketStruct.STATE);
    int family = Memory.getInt(socket + SocketStruct.FAMILY);
    if ((protocol == TCP && state != SocketStruct.LISTEN)
        || (protocol == UDP && state != 0 && state != CLOSED)) {
      return Errno.ESOCKTNOSUPPORT.negated();
    }
    if (protocol != Memory.getInt(lookup + LOOKUP_PROTOCOL)) {
      return Errno.EPROTOTYPE.negated();
    }
    return family == INET && Memory.getInt(lookup + LOOKUP_FAMILY) != INET
        ? Errno.EAFNOSUPPORT.negated()
        : 0;
  }

  /// `TCP_CLOSE`, which UDP sockets without a peer have too.
  private static final int CLOSED = 7;
}
