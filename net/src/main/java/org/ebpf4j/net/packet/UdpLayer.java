package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// RFC 768: `source port 2 | destination port 2 | length 2 | checksum 2`.
record UdpLayer(int sourcePort, int destinationPort) implements Layer {
  private static final int SIZE = 8;
  private static final int CHECKSUM = 6;
  private static final int PROTOCOL = 17;

  UdpLayer {
    PacketBuilder.requirePorts(sourcePort, destinationPort);
  }

  @Override
  public int size() {
    return SIZE;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.of(PROTOCOL);
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int rest) {
    buffer.putShort((short) sourcePort).putShort((short) destinationPort);
    buffer.putShort((short) (SIZE + rest)).putShort((short) 0);
  }

  @Override
  public void seal(ByteBuffer packet, int start, long pseudoHeader) {
    int length = packet.limit() - start;
    long sum = pseudoHeader + PROTOCOL + length;
    int checksum = InternetChecksum.fold(sum + InternetChecksum.sum(packet, start, packet.limit()));
    // 0 would say that there is no checksum.
    packet.putShort(start + CHECKSUM, (short) (checksum == 0 ? 0xffff : checksum));
  }
}
