package org.ebpf4j.net.packet;

import java.net.InetAddress;
import java.util.OptionalInt;

/// IPv4 or IPv6.
sealed interface IpLayer extends Layer permits Ipv4Layer, Ipv6Layer {
  InetAddress source();

  InetAddress destination();

  /// The protocol number to announce where no known header follows; empty for none set.
  OptionalInt protocolOfPayload();

  /// This layer's part of the pseudo header that TCP, UDP and ICMPv6 sum up (RFC 9293 section 3.1,
  /// RFC 8200 section 8.1): the two addresses.
  default long addressSum() {
    return InternetChecksum.sum(source().getAddress())
        + InternetChecksum.sum(destination().getAddress());
  }

  IpLayer withHopLimit(int hopLimit);

  IpLayer withTrafficClass(int trafficClass);

  IpLayer withProtocolOfPayload(int protocol);
}
