package org.ebpf4j.net.packet;

/// A control bit of TCP (RFC 9293 section 3.1).
public enum TcpFlag {
  FIN(0x01),
  SYN(0x02),
  RST(0x04),
  PSH(0x08),
  ACK(0x10),
  URG(0x20),
  ECE(0x40),
  CWR(0x80);

  private final int bit;

  TcpFlag(int bit) {
    this.bit = bit;
  }

  /// The bit in byte 13 of the TCP header.
  public int bit() {
    return bit;
  }
}
