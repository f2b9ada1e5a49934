package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// An extension header of IPv6 (RFC 8200 section 4): `next header 1 | second byte 1 | body`.
///
/// @param type the protocol number of the extension, such as 0 for hop-by-hop options
/// @param second the length in units of 8 bytes without the first 8; reserved in a fragment header
/// @param body all but the first two bytes
record ExtensionLayer(int type, int second, byte[] body) implements Layer {
  static final int FRAGMENT = 44;

  /// @param body 6 bytes, or 8, 16 … more
  static ExtensionLayer of(int type, byte[] body) {
    if (body.length % 8 != 6) {
      throw new IllegalArgumentException(
          "an extension's body is 6, 14, 22 … bytes, not " + body.length);
    }
    return new ExtensionLayer(type, body.length / 8, body);
  }

  static ExtensionLayer fragment(int identification, int offsetAndFlag) {
    byte[] body = new byte[6];
    ByteBuffer.wrap(body).putShort((short) offsetAndFlag).putInt(identification);
    return new ExtensionLayer(FRAGMENT, 0, body);
  }

  @Override
  public int size() {
    return 2 + body.length;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.of(type);
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int rest) {
    buffer.put((byte) announced).put((byte) second).put(body);
  }
}
