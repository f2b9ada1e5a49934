package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.XdpContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Bytes and bounds of a packet in an XDP frame. Source: `net/core/filter.c`.
enum XdpHelpers implements HelperBody {
  XDP_ADJUST_HEAD {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof XdpContext xdp)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return xdp.adjustHead((int) b);
    }
  },

  XDP_ADJUST_META {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof XdpContext xdp)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return xdp.adjustMeta((int) b);
    }
  },

  XDP_ADJUST_TAIL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof XdpContext xdp)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return xdp.adjustTail((int) b);
    }
  },

  XDP_GET_BUFF_LEN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof XdpContext xdp)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return xdp.buffer().length();
    }
  },

  XDP_LOAD_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof XdpContext xdp)) {
        return Errno.EOPNOTSUPP.negated();
      }
      long from = xdp.at(Integer.toUnsignedLong((int) b), d);
      if (from < 0) {
        return from;
      }
      Memory.copy(from, c, d);
      return 0;
    }
  },

  XDP_STORE_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof XdpContext xdp)) {
        return Errno.EOPNOTSUPP.negated();
      }
      long to = xdp.at(Integer.toUnsignedLong((int) b), d);
      if (to < 0) {
        return to;
      }
      Memory.copy(c, to, d);
      return 0;
    }
  };
}
