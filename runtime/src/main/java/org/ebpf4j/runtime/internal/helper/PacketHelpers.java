package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PacketBuffer;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Bytes, shape and marks of a packet in a socket buffer. Source: `net/core/filter.c`.
enum PacketHelpers implements HelperBody {
  SKB_LOAD_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (run.context() instanceof PacketContext context) {
        PacketBuffer packet = context.buffer();
        long offset = Integer.toUnsignedLong((int) b);
        if (packet.contains(offset, d)) {
          Memory.copy(packet.data() + offset, c, d);
          return 0;
        }
      }
      Memory.fill(c, d, (byte) 0);
      return Errno.EFAULT.negated();
    }
  },

  /// Relative to the Ethernet header (0) or the network header (1).
  SKB_LOAD_BYTES_RELATIVE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long offset = Integer.toUnsignedLong((int) b);
      if (run.context() instanceof SkbContext skb && offset <= MOST_OFFSET && (e == 0 || e == 1)) {
        PacketBuffer packet = skb.buffer();
        long at = offset + (e == 0 ? skb.macOffset() : skb.networkOffset());
        if (at + d <= packet.length()) {
          Memory.copy(packet.data() + at, c, d);
          return 0;
        }
      }
      Memory.fill(c, d, (byte) 0);
      return Errno.EFAULT.negated();
    }
  },

  SKB_STORE_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if ((e & ~(RECOMPUTE_CHECKSUM | INVALIDATE_HASH)) != 0) {
        return Errno.EINVAL.negated();
      }
      long offset = Integer.toUnsignedLong((int) b);
      if (!skb.buffer().contains(offset, d)) {
        return Errno.EFAULT.negated();
      }
      Memory.copy(c, skb.buffer().data() + offset, d);
      if ((e & INVALIDATE_HASH) != 0) {
        skb.setField(Skb.HASH, 0);
      }
      return 0;
    }
  },

  /// All of the packet is linear already.
  SKB_PULL_DATA {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return Integer.compareUnsigned((int) b, skb.buffer().length()) > 0
          ? Errno.ENOMEM.negated()
          : 0;
    }
  },

  SKB_CHANGE_HEAD {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return skb.changeHead(Integer.toUnsignedLong((int) b), c);
    }
  },

  SKB_CHANGE_TAIL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return skb.changeTail(Integer.toUnsignedLong((int) b), c);
    }
  },

  SKB_CHANGE_PROTO {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return c != 0 ? Errno.EINVAL.negated() : skb.changeProtocol((short) b);
    }
  },

  SKB_CHANGE_TYPE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if (Integer.compareUnsigned((int) b, MOST_TYPE) > 0) {
        return Errno.EINVAL.negated();
      }
      skb.setField(Skb.PKT_TYPE, (int) b);
      return 0;
    }
  },

  SKB_ADJUST_ROOM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return RoomAdjustment.adjust(skb, (int) b, (int) c, d);
    }
  },

  SKB_VLAN_PUSH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return VlanTags.push(skb, (short) b, (short) c);
    }
  },

  SKB_VLAN_POP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      return VlanTags.pop(skb);
    }
  },

  /// Marks congestion; 1 if the packet is marked afterwards.
  SKB_ECN_SET_CE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.context() instanceof SkbContext skb ? CongestionMark.set(skb) : 0;
    }
  },

  GET_HASH_RECALC {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return 0;
      }
      if (skb.field(Skb.HASH) == 0) {
        skb.setField(Skb.HASH, FlowHash.of(skb));
      }
      return Integer.toUnsignedLong(skb.field(Skb.HASH));
    }
  },

  SET_HASH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      skb.setField(Skb.HASH, (int) b);
      return 0;
    }
  },

  SET_HASH_INVALID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      skb.setField(Skb.HASH, 0);
      return 0;
    }
  },

  /// When the packet is to leave, and by which clock.
  SKB_SET_TSTAMP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)
          || (skb.protocol() != Skb.IPV4 && skb.protocol() != Skb.IPV6)) {
        return Errno.EOPNOTSUPP.negated();
      }
      int clock = (int) c;
      if (clock < REALTIME || clock > ATOMIC_TIME || (clock != REALTIME && b == 0)) {
        return Errno.EINVAL.negated();
      }
      Memory.putLong(skb.address() + Skb.TSTAMP, b);
      Memory.putByte(skb.address() + Skb.TSTAMP_TYPE, (byte) clock);
      return 0;
    }
  },

  /// Packets of the JVM host belong to no class.
  GET_CGROUP_CLASSID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// Packets of the JVM host have no route.
  GET_ROUTE_REALM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// That of a socket where one is given. Packets of the JVM host belong to none.
  GET_SOCKET_COOKIE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Sockets.isSocket(run, a) ? SocketStruct.cookie(a) : 0;
    }
  },

  /// `overflowuid`, for packets without a socket.
  GET_SOCKET_UID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 65534;
    }
  },

  SKB_CGROUP_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  SKB_ANCESTOR_CGROUP_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  SKB_CGROUP_CLASSID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  };

  /// `BPF_SKB_CLOCK_REALTIME` and `BPF_SKB_CLOCK_TAI`; the monotonic one lies between.
  private static final int REALTIME = 0;

  private static final int ATOMIC_TIME = 2;
  private static final int MOST_OFFSET = 0xffff;
  private static final int MOST_TYPE = 3;

  private static final long RECOMPUTE_CHECKSUM = 1;
  private static final long INVALIDATE_HASH = 2;
}
