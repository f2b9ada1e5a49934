package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// `destination 6 | source 6 | type 2`.
record EthernetLayer(byte[] source, byte[] destination) implements Layer {
  private static final Pattern ADDRESS = Pattern.compile("\\p{XDigit}{2}(:\\p{XDigit}{2}){5}");

  static EthernetLayer of(String source, String destination) {
    return new EthernetLayer(parse(source), parse(destination));
  }

  private static byte[] parse(String address) {
    if (!ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException(
          "an Ethernet address looks like 02:00:00:00:00:01, not " + address);
    }
    return HexFormat.ofDelimiter(":").parseHex(address);
  }

  @Override
  public int size() {
    return 14;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.empty();
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int rest) {
    buffer.put(destination).put(source).putShort((short) announced);
  }
}
