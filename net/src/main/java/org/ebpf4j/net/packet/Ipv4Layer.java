package org.ebpf4j.net.packet;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// RFC 791 section 3.1, without options:
///
/// ```
/// version and length 1 | type of service 1 | total length 2 | identification 2
/// flags and offset 2 | time to live 1 | protocol 1 | checksum 2 | source 4 | destination 4
/// ```
record Ipv4Layer(
    Inet4Address source,
    Inet4Address destination,
    int trafficClass,
    int identification,
    int flagsAndOffset,
    int hopLimit,
    OptionalInt protocolOfPayload)
    implements IpLayer {
  private static final int SIZE = 20;
  private static final int CHECKSUM = 10;

  Ipv4Layer {
    PacketBuilder.require(trafficClass, 0, 255, "a type of service");
    PacketBuilder.require(identification, 0, 0xffff, "an identification");
    PacketBuilder.require(hopLimit, 0, 255, "a time to live");
  }

  @Override
  public int size() {
    return SIZE;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.of(0x0800);
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.of(4);
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int rest) {
    int start = buffer.position();
    buffer.put((byte) 0x45).put((byte) trafficClass).putShort((short) (SIZE + rest));
    buffer.putShort((short) identification).putShort((short) flagsAndOffset);
    buffer.put((byte) hopLimit).put((byte) announced).putShort((short) 0);
    buffer.put(source.getAddress()).put(destination.getAddress());
    int checksum = InternetChecksum.fold(InternetChecksum.sum(buffer, start, start + SIZE));
    buffer.putShort(start + CHECKSUM, (short) checksum);
  }

  @Override
  public Ipv4Layer withHopLimit(int newHopLimit) {
    return new Ipv4Layer(
        source,
        destination,
        trafficClass,
        identification,
        flagsAndOffset,
        newHopLimit,
        protocolOfPayload);
  }

  @Override
  public Ipv4Layer withTrafficClass(int newTrafficClass) {
    return new Ipv4Layer(
        source,
        destination,
        newTrafficClass,
        identification,
        flagsAndOffset,
        hopLimit,
        protocolOfPayload);
  }

  @Override
  public Ipv4Layer withProtocolOfPayload(int protocol) {
    return new Ipv4Layer(
        source,
        destination,
        trafficClass,
        identification,
        flagsAndOffset,
        hopLimit,
        OptionalInt.of(protocol));
  }

  Ipv4Layer withFragment(int newIdentification, int newFlagsAndOffset) {
    return new Ipv4Layer(
        source,
        destination,
        trafficClass,
        newIdentification,
        newFlagsAndOffset,
        hopLimit,
        protocolOfPayload);
  }
}
