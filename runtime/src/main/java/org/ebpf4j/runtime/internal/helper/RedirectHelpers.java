package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.LinuxContext;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.context.XdpContext;
import org.ebpf4j.runtime.internal.map.RedirectTarget;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Where a packet goes next. Sources: `net/core/filter.c`, `include/linux/filter.h`.
enum RedirectHelpers implements HelperBody {
  REDIRECT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (run.context() instanceof XdpContext xdp) {
        if (b != 0) {
          return XDP_ABORTED;
        }
        xdp.destination().toDevice((int) a, b);
        return XDP_REDIRECT;
      }
      if (!(run.context() instanceof SkbContext skb) || (b & ~INGRESS) != 0) {
        return TC_SHOT;
      }
      skb.destination().toDevice((int) a, b);
      return TC_REDIRECT;
    }
  },

  REDIRECT_NEIGH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return (c != 0 && c < NEIGHBOUR_BYTES) || d != 0 ? TC_SHOT : toDevice(run, a);
    }
  },

  REDIRECT_PEER {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return b != 0 ? TC_SHOT : toDevice(run, a);
    }
  },

  /// An entry of a device, CPU or socket map; without one, the action in the lowest two bits of the
  /// flags.
  REDIRECT_MAP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      RuntimeMap map = run.map(a);
      if (!(map instanceof RedirectTarget target)
          || !(run.context() instanceof LinuxContext context)
          || (c & ~(ACTIONS | target.redirectFlags())) != 0) {
        return XDP_ABORTED;
      }
      if ((c & RedirectTarget.BROADCAST) == 0 && !target.hasTarget((int) b)) {
        return c & ACTIONS;
      }
      context.destination().toMap(map, Integer.toUnsignedLong((int) b), c);
      return XDP_REDIRECT;
    }
  },

  /// Gives a copy to the environment, which must have the device.
  CLONE_REDIRECT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if ((c & ~INGRESS) != 0 || run.environment().network().device((int) b).isEmpty()) {
        return Errno.EINVAL.negated();
      }
      byte[] copy = Memory.bytes(skb.buffer().data(), skb.buffer().length());
      run.environment().deliver((int) b, (c & INGRESS) != 0, copy);
      return 0;
    }
  };

  private static final long INGRESS = 1;
  private static final long ACTIONS = 3;
  private static final long XDP_ABORTED = 0;
  private static final long XDP_REDIRECT = 4;
  private static final long TC_SHOT = 2;
  private static final long TC_REDIRECT = 7;

  /// `sizeof(struct bpf_redir_neigh)`.
  private static final int NEIGHBOUR_BYTES = 20;

  private static long toDevice(Run run, long ifindex) {
    if (!(run.context() instanceof SkbContext skb)) {
      return TC_SHOT;
    }
    skb.destination().toDevice((int) ifindex, 0);
    return TC_REDIRECT;
  }
}
