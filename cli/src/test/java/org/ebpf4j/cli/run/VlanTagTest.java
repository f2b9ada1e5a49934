package org.ebpf4j.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// What a capture shows of a frame whose tag is kept beside it.
class VlanTagTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final String ADDRESSES = "0102030405060a0b0c0d0e0f";

  private static String inside(String frame, int present, int type, int tci) {
    ByteBuffer skb = ByteBuffer.allocate(192).order(ByteOrder.nativeOrder());
    short networkOrder =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            ? Short.reverseBytes((short) type)
            : (short) type;
    skb.putInt(20, present).putInt(24, tci).putInt(28, Short.toUnsignedInt(networkOrder));
    MemorySegment after =
        VlanTag.inside(
            MemorySegment.ofArray(HEX.parseHex(frame)), MemorySegment.ofArray(skb.array()));
    return HEX.formatHex(after.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
  }

  @Test
  void standsBehindTheAddresses() {
    assertThat(inside(ADDRESSES + "080045", 1, 0x8100, 0x2064))
        .isEqualTo(ADDRESSES + "81002064" + "080045");
    assertThat(inside(ADDRESSES + "81000007" + "0800", 1, 0x88a8, 100))
        .isEqualTo(ADDRESSES + "88a80064" + "81000007" + "0800");
  }

  @Test
  void isLeftOutWhereThereIsNone() {
    assertThat(inside(ADDRESSES + "0800", 0, 0, 0)).isEqualTo(ADDRESSES + "0800");
    assertThat(inside("0102", 1, 0x8100, 1)).isEqualTo("0102");
  }
}
