package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Network;
import org.junit.jupiter.api.Test;

/// SYN cookies, as a program uses them that answers for a server.
class CookieHelpersTest {
  private static final long MINUTE = 60_000_000_000L;

  private static FixedEnvironment.Builder environment(long nanos) {
    return FixedEnvironment.builder().seed(5).monotonicNanos(nanos);
  }

  private static TestRun at(long nanos) {
    return new TestRun(environment(nanos).build());
  }

  private static long ip(TestRun run, int version, int client) {
    int[] header = new int[version == 4 ? 20 : 40];
    header[0] = version << 4 | 5;
    header[version == 4 ? 15 : 23] = client;
    return run.bytes(header);
  }

  /// A TCP header with these flags and options.
  private static long tcp(
      TestRun run, int flags, long sequence, long acknowledged, int... options) {
    int[] header = Arrays.copyOf(new int[] {4, 0, 0, 80}, 20 + options.length);
    for (int i = 0; i < 4; i++) {
      header[4 + i] = (int) (sequence >> (24 - 8 * i)) & 0xff;
      header[8 + i] = (int) (acknowledged >> (24 - 8 * i)) & 0xff;
    }
    header[12] = header.length / 4 << 4;
    header[13] = flags;
    System.arraycopy(options, 0, header, 20, options.length);
    return run.bytes(header);
  }

  private static long gen(TestRun run, int version, int client, int... options) {
    return run.call(
        version == 4 ? "tcp_raw_gen_syncookie_ipv4" : "tcp_raw_gen_syncookie_ipv6",
        ip(run, version, client),
        tcp(run, 2, 1000, 0, options),
        20 + options.length);
  }

  private static long check(TestRun run, int version, int client, long cookie) {
    return run.call(
        version == 4 ? "tcp_raw_check_syncookie_ipv4" : "tcp_raw_check_syncookie_ipv6",
        ip(run, version, client),
        tcp(run, 16, 1001, cookie + 1));
  }

  @Test
  void answerToACookieIsKnownAndNoOther() {
    for (int version : new int[] {4, 6}) {
      try (TestRun run = at(7 * MINUTE)) {
        long cookie = gen(run, version, 9) & 0xffff_ffffL;
        assertThat(check(run, version, 9, cookie)).isZero();
        assertThat(check(run, version, 8, cookie)).isEqualTo(Errno.EACCES.negated());
        assertThat(check(run, version, 9, cookie + (1 << 20))).isEqualTo(Errno.EACCES.negated());
      }
    }
  }

  @Test
  void cookiesAreGoodForTwoMinutes() {
    long cookie;
    try (TestRun run = at(7 * MINUTE)) {
      cookie = gen(run, 4, 9) & 0xffff_ffffL;
    }
    try (TestRun run = at(8 * MINUTE + 1)) {
      assertThat(check(run, 4, 9, cookie)).isZero();
    }
    try (TestRun run = at(9 * MINUTE)) {
      assertThat(check(run, 4, 9, cookie)).isEqualTo(Errno.EACCES.negated());
    }
  }

  @Test
  void othersSecretsMakeOtherCookies() {
    try (TestRun mine = at(0);
        TestRun others = new TestRun(environment(0).seed(6).build())) {
      assertThat(check(others, 4, 9, gen(mine, 4, 9) & 0xffff_ffffL))
          .isEqualTo(Errno.EACCES.negated());
    }
  }

  /// The greatest of a cookie's sizes that the client can take; those are Linux's.
  @Test
  void segmentSizeIsTheClientsOrLess() {
    try (TestRun run = at(0)) {
      assertThat(gen(run, 4, 9) >> 32).as("not said").isEqualTo(536);
      assertThat(gen(run, 4, 9, 2, 4, 5, 0xb4) >> 32).as("1460").isEqualTo(1460);
      assertThat(gen(run, 4, 9, 1, 1, 1, 1, 2, 4, 5, 0xb3) >> 32).as("1459").isEqualTo(1440);
      assertThat(gen(run, 4, 9, 2, 4, 0, 100) >> 32).as("100").isEqualTo(536);
      assertThat(gen(run, 4, 9, 3, 1, 0, 0) >> 32).as("broken option").isEqualTo(536);
      assertThat(gen(run, 6, 9) >> 32).as("IPv6, not said").isEqualTo(1220);
      assertThat(gen(run, 6, 9, 2, 4, 0x23, 0x28) >> 32).as("9000").isEqualTo(8940);
    }
  }

  @Test
  void lengthMustBeTheHeaders() {
    try (TestRun run = at(0)) {
      long tcp = tcp(run, 2, 1, 0);
      long ip = ip(run, 4, 9);
      assertThat(run.call("tcp_raw_gen_syncookie_ipv4", ip, tcp, 24))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("tcp_raw_gen_syncookie_ipv4", ip, tcp, 19))
          .isEqualTo(Errno.EINVAL.negated());
    }
  }

  /// Others may change the header once its length was looked at: nothing beyond that is read.
  @Test
  void aHeaderIsReadAsFarAsItWasLookedAt() {
    try (TestRun run = at(7 * MINUTE)) {
      long tcp = tcp(run, 2, 1000, 0, 2, 4, 9000 >> 8, 9000 & 0xff);
      SynCookie cookie = SynCookie.ofIpv4(run, ip(run, 4, 9), tcp);
      assertThat(cookie.make(tcp, 24, 536) >>> 32).isEqualTo(1460);
      assertThat(cookie.make(tcp, 20, 536) >>> 32).isEqualTo(536);
    }
  }

  /// A listener whose queue has room makes no cookies and takes none.
  @Test
  void socketsWithRoomNeedNoCookies() {
    Network.Socket listener =
        new Network.Socket(6, IpAddress.of("192.0.2.5"), 80, Optional.empty(), 0, 10, 7, 40);
    Network network = new Network(List.of(), List.of(), List.of(), List.of(listener));
    try (TestRun run = new TestRun(environment(0).network(network).build())) {
      long tuple = run.bytes(192, 0, 2, 9, 192, 0, 2, 5, 0, 99, 0, 80);
      long socket = run.call("sk_lookup_tcp", 0, tuple, 12, 0, 0);
      long ip = ip(run, 4, 9);
      long syn = tcp(run, 2, 1, 0);
      long ack = tcp(run, 16, 1, 1);
      assertThat(run.call("tcp_gen_syncookie", socket, ip, 20, syn, 20))
          .isEqualTo(Errno.ENOENT.negated());
      assertThat(run.call("tcp_check_syncookie", socket, ip, 20, ack, 20))
          .isEqualTo(Errno.ENOENT.negated());
      assertThat(run.call("tcp_gen_syncookie", socket, ip, 20, ack, 20))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("tcp_check_syncookie", socket, ip, 19, ack, 20))
          .isEqualTo(Errno.EINVAL.negated());
    }
  }

  /// A test vector of its authors: key 00 to 0f, message 00 to 07.
  @Test
  void sipHashIsThatOfThePaper() {
    assertThat(SipHash.of(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, 0x0706050403020100L))
        .isEqualTo(0x93f5f5799a932462L);
  }
}
