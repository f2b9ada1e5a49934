package org.ebpf4j.net.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Packets that Linux sent, as tcpdump recorded them, built anew: every byte must come out.
final class PacketBuilderTest {
  private static final String CLIENT = "02:00:00:00:00:01";
  private static final String SERVER = "02:00:00:00:00:02";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  @Test
  void buildsLinuxsTcpOverIpv4() {
    byte[] recorded =
        hex(
            """
            020000000001 020000000002 0800 4500003c00004000 40064e7d c6336401 c000020a
            0050df6c 70eb2727 8517d89c a012fe88 816c0000
            020405b4 0402080a c0b6b69a 9d06f1dc 0103030a
            """);
    byte[] built =
        PacketBuilder.ethernet(SERVER, CLIENT)
            .ipv4("198.51.100.1", "192.0.2.10")
            .identification(0, 2)
            .tcp(80, 57196, TcpFlag.SYN, TcpFlag.ACK)
            .sequence(1894459175L, 2232932508L)
            .window(65160, hex("020405b4 0402080a c0b6b69a 9d06f1dc 0103030a"))
            .build();
    assertThat(built).isEqualTo(recorded);
  }

  @Test
  void buildsLinuxsUdpOverIpv4() {
    byte[] recorded =
        hex(
            """
            020000000001 020000000002 0800 450000493e5d4000 40111008 c6336401 c000020a
            0035d8b3 0035260a
            34df8180000100010000000007657861 6d706c6503636f6d0000010001c00c00 01000100
            00012c0004c0000250
            """);
    byte[] built =
        PacketBuilder.ethernet(SERVER, CLIENT)
            .ipv4("198.51.100.1", "192.0.2.10")
            .identification(15965, 2)
            .udp(53, 55475)
            .payload(
                hex(
                    """
                    34df8180000100010000000007657861 6d706c6503636f6d0000010001c00c00 01000100
                    00012c0004c0000250
                    """))
            .build();
    assertThat(built).isEqualTo(recorded);
  }

  @Test
  void buildsLinuxsUdpOverIpv6WithAnOddLength() {
    String payload =
        """
        73f5 818000010001000000000765 78616d706c6503636f6d00001c0001c0 0c001c0001000001
        2c00102001 0db80001000000000000000000 80
        """;
    byte[] recorded =
        hex(
            """
            020000000001 020000000002 86dd 6009938f 00411140
            20010db8000200000000000000000001 20010db8000100000000000000000010
            0035b789 00416d53
            """
                + payload);
    byte[] built =
        PacketBuilder.ethernet(SERVER, CLIENT)
            .ipv6("2001:db8:2::1", "2001:db8:1::10")
            .flowLabel(0x9938f)
            .udp(53, 46985)
            .payload(hex(payload))
            .build();
    assertThat(built).isEqualTo(recorded);
  }

  @Test
  void buildsLinuxsPingOfBothVersions() {
    String counting =
        """
        101112131415161718191a1b1c1d1e1f 202122232425262728292a2b2c2d2e2f 3031323334353637
        """;
    assertThat(
            PacketBuilder.ethernet(CLIENT, SERVER)
                .ipv4("192.0.2.10", "198.51.100.1")
                .identification(31723, 2)
                .icmp(8, 0, 0x39950001)
                .payload(hex("a62d016b00000000c2e20d0000000000" + counting))
                .build())
        .isEqualTo(
            hex(
                """
                020000000002 020000000001 0800 450000547beb4000 4001d27e c000020a c6336401
                0800881b 39950001 a62d016b00000000c2e20d0000000000
                """
                    + counting));
    assertThat(
            PacketBuilder.ethernet(CLIENT, SERVER)
                .ipv6("2001:db8:1::10", "2001:db8:2::1")
                .flowLabel(0x010cc)
                .icmp(128, 0, 0x39970001)
                .payload(hex("a72d016b0000000040ea040000000000" + counting))
                .build())
        .isEqualTo(
            hex(
                """
                020000000002 020000000001 86dd 600010cc 00403a40
                20010db8000100000000000000000010 20010db8000200000000000000000001
                80003e11 39970001 a72d016b0000000040ea040000000000
                """
                    + counting));
  }

  @Test
  void stacksTagsAndTunnels() {
    byte[] inner =
        PacketBuilder.raw().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).payload("hello").build();
    byte[] outer =
        PacketBuilder.ethernet(CLIENT, SERVER)
            .serviceVlan(5)
            .vlan(100)
            .ipv6("2001:db8::1", "2001:db8::2")
            .hopLimit(3)
            .trafficClass(0xb8)
            .ipv4("192.0.2.1", "192.0.2.2")
            .udp(1, 2)
            .payload("hello")
            .build();
    assertThat(outer)
        .startsWith(hex("020000000002 020000000001 88a80005 81000064 86dd 6b800000 00210403"))
        .endsWith(inner);
    assertThat(outer).hasSize(14 + 8 + 40 + inner.length);
  }

  @Test
  void buildsFragments() {
    byte[] ipv4 =
        PacketBuilder.raw()
            .ipv4("192.0.2.1", "192.0.2.2")
            .protocol(17)
            .fragment(0x1234, 1480, true)
            .payload(new byte[8])
            .build();
    assertThat(ipv4).startsWith(hex("4500001c 123420b9 4011"));
    byte[] ipv6 =
        PacketBuilder.raw()
            .ipv6("2001:db8::1", "2001:db8::2")
            .protocol(17)
            .fragment(0x12345678, 1448, true)
            .payload(new byte[8])
            .build();
    assertThat(ipv6).startsWith(hex("60000000 00102c40"));
    assertThat(HexFormat.of().formatHex(ipv6, 40, 48)).isEqualTo("110005a912345678");
  }

  @Test
  void chainsExtensionHeaders() {
    byte[] packet =
        PacketBuilder.raw()
            .ipv6("2001:db8::1", "2001:db8::2")
            .extension(0, hex("010400000000"))
            .extension(60, hex("010c 000000000000000000000000"))
            .tcp(1, 2, TcpFlag.FIN)
            .build();
    assertThat(packet[6]).isZero();
    assertThat(HexFormat.of().formatHex(packet, 40, 50)).isEqualTo("3c000104000000000601");
    assertThat(packet).hasSize(40 + 8 + 16 + 20);
  }

  @Test
  void writesAUdpChecksumOfZeroAsAllOnes() {
    // Chosen so that the sum of everything is 0xffff: pseudo header, ports, lengths and payload.
    int sum = 0xc000 + 0x0201 + 0xc000 + 0x0202 + 17 + 10 + 1 + 2 + 10;
    sum = (sum & 0xffff) + (sum >>> 16);
    int rest = 0xffff - sum;
    byte[] packet =
        PacketBuilder.raw()
            .ipv4("192.0.2.1", "192.0.2.2")
            .udp(1, 2)
            .payload((byte) (rest >>> 8), (byte) rest)
            .build();
    assertThat(HexFormat.of().formatHex(packet, 26, 28)).isEqualTo("ffff");
  }

  @Test
  void refusesWhatMakesNoPacket() {
    assertThatIllegalStateException()
        .isThrownBy(() -> PacketBuilder.ethernet(CLIENT, SERVER).tcp(1, 2).build())
        .withMessage("Tcp cannot follow Ethernet");
    assertThatIllegalStateException()
        .isThrownBy(() -> PacketBuilder.raw().ipv4("192.0.2.1", "192.0.2.2").vlan(1).build())
        .withMessage("Vlan cannot follow Ipv4");
    assertThatIllegalStateException()
        .isThrownBy(() -> PacketBuilder.ethernet(CLIENT, SERVER).hopLimit(3))
        .withMessage("the header just added is not Ip, which has that field");
    assertThatIllegalStateException()
        .isThrownBy(() -> PacketBuilder.raw().payload(new byte[70_000]).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PacketBuilder.ethernet("02:00", SERVER))
        .withMessage("an Ethernet address looks like 02:00:00:00:00:01, not 02:00");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PacketBuilder.raw().ipv4("2001:db8::1", "192.0.2.1"))
        .withMessage("2001:db8::1 is no IPv4 address");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PacketBuilder.raw().ipv4("example.com", "192.0.2.1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PacketBuilder.raw().udp(1, 65_536))
        .withMessage("a port is 0 to 65535, not 65536");
  }

  @Test
  void sumsAsRfc1071Says() {
    // The example of RFC 1071 section 3.
    assertThat(InternetChecksum.of(hex("0001f203f4f5f6f7"))).isEqualTo(0xffff - 0xddf2);
    assertThat(InternetChecksum.of(hex("01"))).isEqualTo(0xfeff);
    assertThat(InternetChecksum.of(new byte[0])).isEqualTo(0xffff);
  }
}
