package org.ebpf4j.net.capture;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;

/// Builds captures byte by byte, in either byte order, so that tests can say exactly what is in
/// them. Independent of the writer under test.
final class RawCapture {
  private final ByteBuffer buffer;

  RawCapture(ByteOrder order) {
    buffer = ByteBuffer.allocate(1 << 20).order(order);
  }

  RawCapture ints(int... values) {
    for (int value : values) {
      buffer.putInt(value);
    }
    return this;
  }

  RawCapture shorts(int... values) {
    for (int value : values) {
      buffer.putShort((short) value);
    }
    return this;
  }

  RawCapture longs(long... values) {
    for (long value : values) {
      buffer.putLong(value);
    }
    return this;
  }

  RawCapture bytes(byte... values) {
    buffer.put(values);
    return this;
  }

  /// Bytes counting up from `first`.
  RawCapture pattern(int first, int length) {
    for (int i = 0; i < length; i++) {
      buffer.put((byte) (first + i));
    }
    return this;
  }

  RawCapture pcapHeader(int magic, int linkType) {
    return ints(magic).shorts(2, 4).longs(0).ints(65_535, linkType);
  }

  RawCapture order(ByteOrder order) {
    buffer.order(order);
    return this;
  }

  RawCapture sectionHeader() {
    return ints(0x0a0d0d0a, 28, 0x1a2b3c4d).shorts(1, 0).longs(-1).ints(28);
  }

  /// An interface without options.
  RawCapture interfaceDescription(int linkType, int snapLength) {
    return ints(1, 20).shorts(linkType, 0).ints(snapLength, 20);
  }

  /// An interface with one option of up to 4 bytes, padded.
  RawCapture interfaceWithResolution(int linkType, int resolution) {
    return ints(1, 32)
        .shorts(linkType, 0)
        .ints(0)
        .shorts(9, 1)
        .bytes((byte) resolution, (byte) 0, (byte) 0, (byte) 0)
        .ints(0, 32);
  }

  RawCapture enhancedPacket(int interfaceId, long timestamp, int first, int length) {
    int padding = -length & 3;
    int block = 32 + length + padding;
    return ints(6, block, interfaceId, (int) (timestamp >>> 32), (int) timestamp, length, length)
        .pattern(first, length)
        .pattern(0, padding)
        .ints(block);
  }

  int size() {
    return buffer.position();
  }

  byte[] toBytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  CaptureReader open() {
    return open(toBytes());
  }

  static CaptureReader open(byte[] bytes) {
    return CaptureReader.of("test", Channels.newChannel(new ByteArrayInputStream(bytes)));
  }
}
