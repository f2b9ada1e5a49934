package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// RFC 9293 section 3.1:
///
/// ```
/// source port 2 | destination port 2 | sequence 4 | acknowledgment 4
/// length in words 4 bits | reserved 4 bits | flags 1 | window 2 | checksum 2 | urgent 2 | options
/// ```
record TcpLayer(
    int sourcePort,
    int destinationPort,
    int sequence,
    int acknowledgment,
    int flags,
    int window,
    byte[] options)
    implements Layer {
  private static final int CHECKSUM = 16;
  static final int PROTOCOL = 6;

  TcpLayer {
    PacketBuilder.requirePorts(sourcePort, destinationPort);
    PacketBuilder.require(window, 0, 0xffff, "a window");
    if (options.length % 4 != 0 || options.length > 40) {
      throw new IllegalArgumentException("TCP options are 0, 4, … 40 bytes, not " + options.length);
    }
  }

  @Override
  public int size() {
    return 20 + options.length;
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
    buffer.putInt(sequence).putInt(acknowledgment);
    buffer.put((byte) ((size() / 4) << 4)).put((byte) flags).putShort((short) window);
    buffer.putInt(0).put(options);
  }

  @Override
  public void seal(ByteBuffer packet, int start, long pseudoHeader) {
    int length = packet.limit() - start;
    long sum = pseudoHeader + PROTOCOL + length;
    int checksum = InternetChecksum.fold(sum + InternetChecksum.sum(packet, start, packet.limit()));
    packet.putShort(start + CHECKSUM, (short) checksum);
  }
}
