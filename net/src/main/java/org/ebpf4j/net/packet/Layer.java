package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// One header of a packet. It is written first, and sealed once all that it carries is there.
sealed interface Layer
    permits EthernetLayer, VlanLayer, IpLayer, ExtensionLayer, TcpLayer, UdpLayer, IcmpLayer {
  /// Bytes of the header alone.
  int size();

  /// How Ethernet and VLAN tags announce it (IEEE 802 EtherType); empty where they cannot.
  OptionalInt etherType();

  /// How IP announces it (IANA protocol number); empty where it cannot.
  OptionalInt protocol();

  /// Appends the header.
  ///
  /// @param announced what this header says comes next, an EtherType or a protocol number
  /// @param rest bytes that follow the header
  void write(ByteBuffer buffer, int announced, int rest);

  /// Fills in the checksum, if the header has one over what it carries.
  ///
  /// @param packet all of the packet
  /// @param start where this header begins; its data go to the end of the packet
  /// @param pseudoHeader the sum over addresses of the IP header underneath, 0 without one
  default void seal(ByteBuffer packet, int start, long pseudoHeader) {}
}
