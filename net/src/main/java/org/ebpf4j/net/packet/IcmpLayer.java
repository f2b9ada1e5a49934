package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// ICMP (RFC 792) and ICMPv6 (RFC 4443): `type 1 | code 1 | checksum 2 | rest 4`. The checksum of
/// ICMPv6 covers a pseudo header, the one of ICMP does not.
record IcmpLayer(boolean version6, int type, int code, int rest) implements Layer {
  private static final int CHECKSUM = 2;
  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;

  IcmpLayer {
    PacketBuilder.require(type, 0, 255, "an ICMP type");
    PacketBuilder.require(code, 0, 255, "an ICMP code");
  }

  @Override
  public int size() {
    return 8;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.of(version6 ? ICMPV6 : ICMP);
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int following) {
    buffer.put((byte) type).put((byte) code).putShort((short) 0).putInt(rest);
  }

  @Override
  public void seal(ByteBuffer packet, int start, long pseudoHeader) {
    int length = packet.limit() - start;
    long sum = version6 ? pseudoHeader + ICMPV6 + length : 0;
    int checksum = InternetChecksum.fold(sum + InternetChecksum.sum(packet, start, packet.limit()));
    packet.putShort(start + CHECKSUM, (short) checksum);
  }
}
