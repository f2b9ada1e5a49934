package org.ebpf4j.runtime.internal.helper;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Routes, interfaces and sockets, as the environment gives them. Source: `net/core/filter.c`.
enum NetworkHelpers implements HelperBody {
  FIB_LOOKUP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return FibLookup.lookup(run, b, (int) c, (int) d);
    }
  },

  /// 0 if the packet fits the interface, 1 if it needs fragmentation; stores the MTU.
  CHECK_MTU {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (e != 0 && !(run.context() instanceof SkbContext && e == SEGMENTS && d == 0)) {
        return Errno.EINVAL.negated();
      }
      if (!(run.context() instanceof PacketContext context)) {
        return Errno.EINVAL.negated();
      }
      Optional<Network.Device> device = run.environment().network().device((int) b);
      if (device.isEmpty()) {
        return Errno.ENODEV.negated();
      }
      int mtu = device.get().mtu();
      int given = Memory.getInt(c);
      int length = (given != 0 ? given + ETHERNET : context.buffer().length()) + (int) d;
      Memory.putInt(c, mtu);
      return length > mtu + ETHERNET ? 1 : 0;
    }
  },

  SK_LOOKUP_TCP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SocketRecord.lookup(run, SocketRecord.TCP, b, (int) c, e);
    }
  },

  SK_LOOKUP_UDP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SocketRecord.lookup(run, SocketRecord.UDP, b, (int) c, e);
    }
  },

  SKC_LOOKUP_TCP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SocketRecord.lookup(run, SocketRecord.TCP, b, (int) c, e);
    }
  },

  SK_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return SocketRecord.release(run, a);
    }
  },

  SK_FULLSOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return a;
    }
  };

  private static final long SEGMENTS = 1;
  private static final int ETHERNET = 14;
}
