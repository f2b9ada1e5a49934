package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.internal.context.Contexts;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.Test;

/// `bpf_lwt_push_encap`: an IP header in front of a packet.
class IpEncapsulationTest {
  private static final int ETHERNET = 14;
  private static final int IP = 2;

  /// From 192.168.0.1 to 192.168.0.199: the example of Wikipedia's "Internet checksum", but for the
  /// protocol, which is IP in IP, so the checksum is 13 more than b861.
  private static final String OUTER = "450000730000400040040000c0a80001c0a800c7";

  private final SkbContext skb =
      (SkbContext)
          Contexts.of(ProgramType.LWT_IN, Optional.empty(), Limits.defaults()).orElseThrow();
  private final byte[] frame = new byte[60];

  private TestRun begin() {
    for (int i = 0; i < frame.length; i++) {
      frame[i] = (byte) (i + 1);
    }
    frame[12] = 8; // IPv4
    frame[13] = 0;
    skb.accept("test", RunInput.packet(frame));
    skb.begin();
    return new TestRun(FixedEnvironment.builder().build(), skb);
  }

  private static long header(TestRun run, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    long address = run.allocate(bytes.length);
    Memory.copy(bytes, 0, address, bytes.length);
    return address;
  }

  private static byte[] packet(PacketContext context) {
    return Memory.bytes(context.buffer().data(), context.buffer().length());
  }

  @Test
  void theHeaderComesFirstAndGetsItsChecksum() {
    try (TestRun run = begin()) {
      assertThat(run.call("lwt_push_encap", 0, IP, header(run, OUTER), 20)).isZero();
      byte[] after = packet(skb);
      assertThat(HexFormat.of().formatHex(after, 0, 20))
          .isEqualTo("45000073000040004004b86ec0a80001c0a800c7");
      assertThat(Arrays.copyOfRange(after, 20, after.length))
          .isEqualTo(Arrays.copyOfRange(frame, ETHERNET, frame.length));
      assertThat(skb.field(Skb.LEN)).isEqualTo(frame.length - ETHERNET + 20);
      byte[] whole = skb.packet().asSlice(0, frame.length + 20).toArray(ValueLayout.JAVA_BYTE);
      assertThat(Arrays.copyOf(whole, ETHERNET))
          .as("the Ethernet header, which the program does not see")
          .isEqualTo(Arrays.copyOf(frame, ETHERNET));
      assertThat(Arrays.copyOfRange(whole, ETHERNET, whole.length)).isEqualTo(after);
    }
  }

  @Test
  void aChecksumThatIsThereStays() {
    try (TestRun run = begin()) {
      String own = OUTER.replace("40040000", "40041234");
      assertThat(run.call("lwt_push_encap", 0, IP, header(run, own), 20)).isZero();
      assertThat(HexFormat.of().formatHex(packet(skb), 0, 20)).isEqualTo(own);
    }
  }

  @Test
  void anIpv6HeaderChangesTheProtocol() {
    try (TestRun run = begin()) {
      long header = header(run, "60" + "00".repeat(47));
      assertThat(run.call("lwt_push_encap", 0, IP, header, 48)).isZero();
      assertThat(skb.protocol()).isEqualTo(Skb.IPV6);
      assertThat(skb.buffer().length()).isEqualTo(frame.length - ETHERNET + 48);
    }
  }

  @Test
  void headersThatAreNoneAreRefusedAndThePacketStays() {
    try (TestRun run = begin()) {
      byte[] before = packet(skb);
      long refused = Errno.EINVAL.negated();
      long outer = header(run, OUTER);
      assertThat(run.call("lwt_push_encap", 0, IP, outer, 19)).as("short").isEqualTo(refused);
      assertThat(run.call("lwt_push_encap", 0, 0, outer, 20)).as("SRv6").isEqualTo(refused);
      assertThat(run.call("lwt_push_encap", 0, IP, header(run, "60" + "00".repeat(38)), 39))
          .as("less than IPv6 has")
          .isEqualTo(refused);
      assertThat(run.call("lwt_push_encap", 0, IP, header(run, "46" + "00".repeat(19)), 20))
          .as("options that are not there")
          .isEqualTo(refused);
      assertThat(run.call("lwt_push_encap", 0, IP, header(run, "55" + "00".repeat(19)), 20))
          .as("version 5")
          .isEqualTo(refused);
      assertThat(run.call("lwt_push_encap", 0, IP, header(run, "45" + "00".repeat(256)), 257))
          .as("long")
          .isEqualTo(refused);
      assertThat(packet(skb)).isEqualTo(before);
    }
  }
}
