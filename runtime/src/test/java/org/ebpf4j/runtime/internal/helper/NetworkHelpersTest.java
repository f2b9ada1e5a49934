package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.Network.Action;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetworkHelpersTest {
  private static final int FIB_BYTES = 64;

  private static final Network NETWORK =
      new Network(
          List.of(
              new Network.Device(2, 0x02_00_00_00_00_02L, 1500, true),
              new Network.Device(3, 0x02_00_00_00_00_03L, 1400, true),
              new Network.Device(4, 0x02_00_00_00_00_04L, 1500, false)),
          List.of(
              route("0.0.0.0", 0, Action.FORWARD, Optional.of(IpAddress.of("192.0.2.1"))),
              route("198.51.100.0", 24, Action.BLACKHOLE, Optional.empty()),
              route("198.51.100.128", 25, Action.FORWARD, Optional.empty()),
              route("2001:db8::", 32, Action.FORWARD, Optional.empty())),
          List.of(
              new Network.Neighbour(3, IpAddress.of("192.0.2.1"), 0x0a_0b_0c_0d_0e_0fL),
              new Network.Neighbour(3, IpAddress.of("2001:db8::9"), 0x0a_00_00_00_00_09L)),
          List.of(
              new Network.Socket(6, IpAddress.of("192.0.2.5"), 80, Optional.empty(), 0, 0, 7, 1),
              new Network.Socket(
                  6,
                  IpAddress.of("192.0.2.5"),
                  80,
                  Optional.of(IpAddress.of("192.0.2.9")),
                  1234,
                  1,
                  8,
                  2)));

  private final TestRun run = new TestRun(FixedEnvironment.builder().network(NETWORK).build());

  private static Network.Route route(
      String prefix, int length, Action action, Optional<IpAddress> gateway) {
    return new Network.Route(IpAddress.of(prefix), length, action, 3, gateway, 0);
  }

  @AfterEach
  void close() {
    run.close();
  }

  @Test
  void routesByTheLongestPrefixAndTheGatewaysAddress() {
    long parameters = lookupOf4(2, 203, 0, 113, 5);
    assertThat(run.call("fib_lookup", 0, parameters, FIB_BYTES, 0)).isZero();
    assertThat(Memory.getInt(parameters + 8)).isEqualTo(3);
    assertThat(Memory.bytes(parameters + 32, 4)).containsExactly(192, 0, 2, 1);
    assertThat(Memory.bytes(parameters + 52, 6)).containsExactly(2, 0, 0, 0, 0, 3);
    assertThat(Memory.bytes(parameters + 58, 6)).containsExactly(10, 11, 12, 13, 14, 15);
    assertThat(run.call("fib_lookup", 0, lookupOf4(2, 198, 51, 100, 1), FIB_BYTES, 0))
        .as("blackhole")
        .isEqualTo(1);
    assertThat(run.call("fib_lookup", 0, lookupOf4(2, 198, 51, 100, 200), FIB_BYTES, 0))
        .as("no neighbour")
        .isEqualTo(7);
    assertThat(run.call("fib_lookup", 0, lookupOf4(2, 198, 51, 100, 200), FIB_BYTES, 4)).isZero();
  }

  @Test
  void routesVersion6() {
    long parameters = run.allocate(FIB_BYTES);
    Memory.putByte(parameters, (byte) 10);
    Memory.putInt(parameters + 8, 2);
    SocketStruct.storeAddress(parameters + 32, IpAddress.of("2001:db8::9"));
    assertThat(run.call("fib_lookup", 0, parameters, FIB_BYTES, 0)).isZero();
    assertThat(Memory.bytes(parameters + 58, 6)).containsExactly(10, 0, 0, 0, 0, 9);
  }

  @Test
  void saysWhatStandsInTheWay() {
    long tooLong = lookupOf4(2, 203, 0, 113, 5);
    Memory.putShort(tooLong + 6, (short) 1401);
    assertThat(run.call("fib_lookup", 0, tooLong, FIB_BYTES, 0)).isEqualTo(8);
    assertThat(Memory.getShort(tooLong + 6)).isEqualTo((short) 1400);
    assertThat(run.call("fib_lookup", 0, lookupOf4(4, 203, 0, 113, 5), FIB_BYTES, 0)).isEqualTo(5);
    assertThat(run.call("fib_lookup", 0, lookupOf4(9, 203, 0, 113, 5), FIB_BYTES, 0))
        .isEqualTo(Errno.ENODEV.negated());
    assertThat(run.call("fib_lookup", 0, lookupOf4(2, 203, 0, 113, 5), 63, 0))
        .isEqualTo(Errno.EINVAL.negated());
    long otherFamily = lookupOf4(2, 203, 0, 113, 5);
    Memory.putByte(otherFamily, (byte) 7);
    assertThat(run.call("fib_lookup", 0, otherFamily, FIB_BYTES, 0))
        .isEqualTo(Errno.EAFNOSUPPORT.negated());
  }

  @Test
  void findsConnectedSocketsBeforeListeningOnes() {
    long connected = run.call("sk_lookup_tcp", 0, tuple(9, 1234), 12, 0, 0);
    assertThat(Memory.getInt(connected + 16)).as("mark").isEqualTo(8);
    assertThat(Memory.getInt(connected + 44)).as("port").isEqualTo(80);
    long listening = run.call("skc_lookup_tcp", 0, tuple(9, 4321), 12, 0, 0);
    assertThat(Memory.getInt(listening + 16)).isEqualTo(7);
    assertThat(Memory.getInt(listening + 72)).as("state").isEqualTo(10);
    assertThat(run.call("sk_lookup_udp", 0, tuple(9, 1234), 12, 0, 0)).isZero();
    assertThat(run.call("sk_lookup_tcp", 0, tuple(9, 1234), 11, 0, 0)).isZero();
  }

  @Test
  void releasedSocketsAreOutOfReach() {
    long socket = run.call("sk_lookup_tcp", 0, tuple(9, 1234), 12, 0, 0);
    assertThat(run.readable(socket, 80)).isTrue();
    assertThat(run.call("sk_release", socket)).isZero();
    assertThat(run.readable(socket, 4)).isFalse();
    assertThat(run.call("sk_release", socket)).isEqualTo(Errno.EINVAL.negated());
  }

  @Test
  void loopsUntilTheFunctionSaysStop() {
    long[] seen = {0};
    long function =
        run.add((index, context, c, d, e) -> {
          seen[0] += index;
          return index == 4 ? 1 : 0;
        });
    assertThat(run.call("loop", 10, function, 0, 0)).isEqualTo(5);
    assertThat(seen[0]).isEqualTo(10);
    assertThat(run.call("loop", (8 << 20) + 1, function, 0, 0)).isEqualTo(Errno.E2BIG.negated());
    assertThat(run.call("loop", 1, function, 0, 1)).isEqualTo(Errno.EINVAL.negated());
  }

  @Test
  void locksLeftHeldAreReleasedWithTheRun() {
    long lock = run.allocate(4);
    run.call("spin_lock", lock);
    assertThat(Memory.getInt(lock)).isEqualTo(1);
    run.resources().releaseAll(run);
    assertThat(Memory.getInt(lock)).isZero();
  }

  @Test
  void dynptrsKeepToTheirBounds() {
    long memory = run.bytes(1, 2, 3, 4, 5, 6, 7, 8);
    long dynptr = run.allocate(16);
    long to = run.allocate(4);
    assertThat(run.call("dynptr_from_mem", memory, 8, 0, dynptr)).isZero();
    assertThat(run.call("dynptr_read", to, 4, dynptr, 4, 0)).isZero();
    assertThat(Memory.bytes(to, 4)).containsExactly(5, 6, 7, 8);
    assertThat(run.call("dynptr_read", to, 4, dynptr, 5, 0)).isEqualTo(Errno.E2BIG.negated());
    assertThat(run.call("dynptr_write", dynptr, 0, to, 4, 0)).isZero();
    assertThat(Memory.getByte(memory)).isEqualTo((byte) 5);
    assertThat(run.call("dynptr_data", dynptr, 2, 6)).isEqualTo(memory + 2);
    assertThat(run.call("dynptr_data", dynptr, 2, 7)).isZero();
  }

  @Test
  void forgedDynptrsReachNothing() {
    long dynptr = run.allocate(16);
    long to = run.allocate(4);
    Dynptr.init(dynptr, Dynptr.LOCAL, 0x1000, 100, false);
    assertThat(run.call("dynptr_read", to, 4, dynptr, 0, 0)).isEqualTo(Errno.EFAULT.negated());
    assertThat(run.call("dynptr_write", dynptr, 0, to, 4, 0)).isEqualTo(Errno.EFAULT.negated());
    assertThat(run.call("dynptr_data", dynptr, 0, 4)).isZero();
  }

  private long lookupOf4(int ifindex, int... destination) {
    long parameters = run.allocate(FIB_BYTES);
    Memory.putByte(parameters, (byte) 2);
    Memory.putInt(parameters + 8, ifindex);
    for (int i = 0; i < 4; i++) {
      Memory.putByte(parameters + 32 + i, (byte) destination[i]);
    }
    return parameters;
  }

  /// A packet from 192.0.2.`host` to port 80 of 192.0.2.5.
  private long tuple(int host, int port) {
    return run.bytes(192, 0, 2, host, 192, 0, 2, 5, port >> 8, port, 0, 80);
  }
}
