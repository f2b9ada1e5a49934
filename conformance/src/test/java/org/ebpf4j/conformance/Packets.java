package org.ebpf4j.conformance;

import java.util.HexFormat;

/// Packets that suites give to programs.
final class Packets {
  private Packets() {}

  /// 64 bytes: Ethernet, IPv4 from 192.0.2.1 to 192.0.2.2, UDP from port 4660 to 53, and 22 bytes
  /// `00 01 02 …`.
  static byte[] udp() {
    return HexFormat.of()
        .parseHex(
            "020202020202040404040404"
                + "0800"
                + "4500003200010000"
                + "4011f6b5"
                + "c0000201c0000202"
                + "12340035001e0000"
                + "000102030405060708090a0b0c0d0e0f101112131415");
  }
}
