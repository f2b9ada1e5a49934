package org.ebpf4j.runtime.internal.helper;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// `bpf_fib_lookup`: where a packet would be forwarded to, by the environment's routes and neighbours.
///
///      0        2      4      6               8        12      16       32       48      52     58
///     ┌────────┬──────┬──────┬───────────────┬────────┬───────┬────────┬────────┬───────┬──────┬──────┐
///     │ family │ sport│ dport│ length in,    │ ifindex│ type  │ source │ desti- │ VLAN  │ source│ dest.│
///     │ proto  │      │      │ MTU out       │        │ metric│        │ nation │       │ MAC   │ MAC  │
///     └────────┴──────┴──────┴───────────────┴────────┴───────┴────────┴────────┴───────┴──────┴──────┘
///
/// Source: `bpf_ipv4_fib_lookup`, `bpf_ipv6_fib_lookup` in `net/core/filter.c`.
final class FibLookup {
  private static final int SIZE = 64;
  private static final int LENGTH = 6;
  private static final int IFINDEX = 8;
  private static final int METRIC = 12;
  private static final int DESTINATION = 32;
  private static final int VLAN = 48;
  private static final int SOURCE_MAC = 52;
  private static final int DESTINATION_MAC = 58;

  private static final int KNOWN_FLAGS = 0x3f;
  private static final int SKIP_NEIGHBOUR = 4;
  private static final int ETHERNET = 14;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private static final int SUCCESS = 0;
  private static final int BLACKHOLE = 1;
  private static final int UNREACHABLE = 2;
  private static final int PROHIBIT = 3;
  private static final int NOT_FORWARDED = 4;
  private static final int FORWARDING_DISABLED = 5;
  private static final int NO_NEIGHBOUR = 7;
  private static final int FRAGMENTATION_NEEDED = 8;

  private FibLookup() {}

  /// One of `BPF_FIB_LKUP_RET_*`, or a negated errno.
  static long lookup(Run run, long parameters, int size, int flags) {
    if (size < SIZE || (flags & ~KNOWN_FLAGS) != 0) {
      return Errno.EINVAL.negated();
    }
    int family = Memory.getByte(parameters);
    if (family != AF_INET && family != AF_INET6) {
      return Errno.EAFNOSUPPORT.negated();
    }
    Network network = run.environment().network();
    Optional<Network.Device> incoming = network.device(Memory.getInt(parameters + IFINDEX));
    if (incoming.isEmpty()) {
      return Errno.ENODEV.negated();
    }
    if (!incoming.get().forwards()) {
      return FORWARDING_DISABLED;
    }
    int addressSize = family == AF_INET ? 4 : 16;
    IpAddress destination = IpAddress.of(Memory.bytes(parameters + DESTINATION, addressSize));
    Optional<Network.Route> route = network.route(destination);
    if (route.isEmpty()) {
      return NOT_FORWARDED;
    }
    return switch (route.get().action()) {
      case FORWARD -> forward(run, parameters, flags, destination, route.get());
      case LOCAL -> NOT_FORWARDED;
      case BLACKHOLE -> BLACKHOLE;
      case UNREACHABLE -> UNREACHABLE;
      case PROHIBIT -> PROHIBIT;
    };
  }

  private static long forward(
      Run run, long parameters, int flags, IpAddress destination, Network.Route route) {
    Network network = run.environment().network();
    Optional<Network.Device> outgoing = network.device(route.device());
    if (outgoing.isEmpty()) {
      return NOT_FORWARDED;
    }
    Network.Device device = outgoing.get();
    int mtu = route.mtu() == 0 ? device.mtu() : Math.min(route.mtu(), device.mtu());
    int length = Memory.getShort(parameters + LENGTH) & 0xffff;
    if (length > mtu) {
      Memory.putShort(parameters + LENGTH, (short) mtu);
      return FRAGMENTATION_NEEDED;
    }
    Memory.putInt(parameters + METRIC, 0);
    Memory.putInt(parameters + IFINDEX, device.index());
    IpAddress next = route.gateway().orElse(destination);
    if (route.gateway().isPresent()) {
      storeGateway(parameters, next);
    }
    if ((flags & SKIP_NEIGHBOUR) == 0) {
      Optional<Network.Neighbour> neighbour = network.neighbour(device.index(), next);
      if (neighbour.isEmpty()) {
        return NO_NEIGHBOUR;
      }
      storeHardware(parameters + DESTINATION_MAC, neighbour.get().hardware());
      storeHardware(parameters + SOURCE_MAC, device.hardware());
    }
    Memory.putInt(parameters + VLAN, 0);
    Memory.putShort(parameters + LENGTH, (short) (length != 0 ? mtu : device.mtu()));
    return length == 0 && tooLong(run, device) ? FRAGMENTATION_NEEDED : SUCCESS;
  }

  /// Without a length, socket buffers are measured by their own.
  private static boolean tooLong(Run run, Network.Device device) {
    return run.context() instanceof SkbContext
        && run.context() instanceof PacketContext context
        && context.buffer().length() > device.mtu() + ETHERNET;
  }

  /// An IPv6 gateway of an IPv4 route makes the answer's family IPv6.
  private static void storeGateway(long parameters, IpAddress gateway) {
    Memory.putByte(parameters, (byte) (gateway.version() == 4 ? AF_INET : AF_INET6));
    SocketStruct.storeAddress(parameters + DESTINATION, gateway);
  }

  private static void storeHardware(long to, long hardware) {
    for (int i = 0; i < 6; i++) {
      Memory.putByte(to + i, (byte) (hardware >>> (40 - 8 * i)));
    }
  }
}
