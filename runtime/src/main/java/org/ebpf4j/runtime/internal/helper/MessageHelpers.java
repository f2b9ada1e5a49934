package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.LinuxContext;
import org.ebpf4j.runtime.internal.context.MessageContext;
import org.ebpf4j.runtime.internal.map.SocketStore;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Messages and stream data between sockets, and which socket of a map gets them. Sources:
/// `net/core/filter.c`, `net/core/sock_map.c` of Linux 6.18.
enum MessageHelpers implements HelperBody {
  /// What the verdict holds for is the caller's to know: each run has one message.
  MSG_APPLY_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// Each run has a whole message: nothing is waited for.
  MSG_CORK_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// All of the message is directly visible already.
  MSG_PULL_DATA {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof MessageContext message)) {
        return Errno.EOPNOTSUPP.negated();
      }
      long start = Integer.toUnsignedLong((int) b);
      long end = Integer.toUnsignedLong((int) c);
      return d != 0 || end <= start || end > message.buffer().length() ? Errno.EINVAL.negated() : 0;
    }
  },

  /// Opens a gap of zeros.
  MSG_PUSH_DATA {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof MessageContext message)) {
        return Errno.EOPNOTSUPP.negated();
      }
      long start = Integer.toUnsignedLong((int) b);
      long length = Integer.toUnsignedLong((int) c);
      if (d != 0 || start > message.buffer().length()) {
        return Errno.EINVAL.negated();
      }
      if (length == 0) {
        return 0;
      }
      if (length > MOST_PUSHED || !message.buffer().hasRoom((int) length)) {
        return Errno.ENOMEM.negated();
      }
      message.buffer().insert((int) start, (int) length);
      message.moved();
      return 0;
    }
  },

  /// Takes bytes out.
  MSG_POP_DATA {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof MessageContext message)) {
        return Errno.EOPNOTSUPP.negated();
      }
      long start = Integer.toUnsignedLong((int) b);
      long length = Integer.toUnsignedLong((int) c);
      if (d != 0 || start + length > message.buffer().length()) {
        return Errno.EINVAL.negated();
      }
      message.buffer().insert((int) start, (int) -length);
      message.moved();
      return 0;
    }
  },

  SK_REDIRECT_MAP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.putInt(run.scratch(), (int) c);
      return redirect(run, b, run.scratch(), (int) c, d);
    }
  },

  MSG_REDIRECT_MAP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.putInt(run.scratch(), (int) c);
      return redirect(run, b, run.scratch(), (int) c, d);
    }
  },

  SK_REDIRECT_HASH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return redirect(run, b, c, 0, d);
    }
  },

  MSG_REDIRECT_HASH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return redirect(run, b, c, 0, d);
    }
  };

  private static final long INGRESS = 1;
  private static final long DROP = 0;
  private static final long PASS = 1;
  private static final int MOST_PUSHED = 4096;

  /// `SK_PASS` if there is a socket, else `SK_DROP`.
  ///
  /// @param shown the key as the caller sees it; of a hash, the first 4 bytes
  private static long redirect(Run run, long map, long key, int shown, long flags) {
    if ((flags & ~INGRESS) != 0
        || !(run.map(map) instanceof SocketStore store)
        || store.socket(key) == 0
        || !(run.context() instanceof LinuxContext context)) {
      return DROP;
    }
    context.destination().toMap(run.map(map), Integer.toUnsignedLong(shown), flags);
    return PASS;
  }
}
