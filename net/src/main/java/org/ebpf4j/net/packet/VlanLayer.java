package org.ebpf4j.net.packet;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/// What follows a VLAN's EtherType (IEEE 802.1Q): `priority 3 bits | drop eligible 1 bit |
/// identifier 12 bits | type 2`.
record VlanLayer(int tagType, int identifier) implements Layer {
  VlanLayer {
    PacketBuilder.require(identifier, 0, 4095, "a VLAN identifier");
  }

  @Override
  public int size() {
    return 4;
  }

  @Override
  public OptionalInt etherType() {
    return OptionalInt.of(tagType);
  }

  @Override
  public OptionalInt protocol() {
    return OptionalInt.empty();
  }

  @Override
  public void write(ByteBuffer buffer, int announced, int rest) {
    buffer.putShort((short) identifier).putShort((short) announced);
  }
}
