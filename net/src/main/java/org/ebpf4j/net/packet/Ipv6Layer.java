package org.ebpf4j.net.packet;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// RFC 8200 section 3:
///
/// ```
/// version 4 bits, traffic class 8 bits, flow label 20 bits | payload length 2
/// next header 1 | hop limit 1 | source 16 | destination 16
/// ```
record Ipv6Layer(
    Inet6Address source,
    Inet6Address destination,
    int trafficClass,
    int flowLabel,
    int hopLimit,
    OptionalInt protocolOfPayload)
    implements IpLayer {
  Ipv6Layer {
    PacketBuilder.require(trafficClass, 0, 255, "a traffic class");
    PacketBuilder.require(flowLabel, 0, 0xfffff, "a flow label");
    PacketBuilder.require(hopLimit, 0, 255, "a hop limit");
  }

  @Override
  public int size() {
    return 40;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.of(0x86dd);
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.of(41);
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int rest) {
    buffer.putInt((6 << 28) | (trafficClass << 20) | flowLabel).putShort((short) rest);
    buffer.put((byte) announced).put((byte) hopLimit);
    buffer.put(source.getAddress()).put(destination.getAddress());
  }

  @Override
  public Ipv6Layer withHopLimit(int newHopLimit) {
    return new Ipv6Layer(
        source, destination, trafficClass, flowLabel, newHopLimit, protocolOfPayload);
  }

  @Override
  public Ipv6Layer withTrafficClass(int newTrafficClass) {
    return new Ipv6Layer(
        source, destination, newTrafficClass, flowLabel, hopLimit, protocolOfPayload);
  }

  @Override
  public Ipv6Layer withProtocolOfPayload(int protocol) {
    return new Ipv6Layer(
        source, destination, trafficClass, flowLabel, hopLimit, OptionalInt.of(protocol));
  }

  Ipv6Layer withFlowLabel(int newFlowLabel) {
    return new Ipv6Layer(
        source, destination, trafficClass, newFlowLabel, hopLimit, protocolOfPayload);
  }
}
