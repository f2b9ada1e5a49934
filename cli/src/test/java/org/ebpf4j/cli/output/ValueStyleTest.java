package org.ebpf4j.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Int.Encoding;
import org.ebpf4j.btf.BtfValueCodec;
import org.junit.jupiter.api.Test;

class ValueStyleTest {
  private static final int BYTE = 1;
  private static final int CHAR = 2;
  private static final int SHORT = 3;
  private static final int COLOR = 4;
  private static final int BYTES = 5;
  private static final int SHORTS = 6;
  private static final int TEXT = 7;
  private static final int INNER = 8;
  private static final int NAMELESS = 9;
  private static final int OUTER = 10;

  /// ```c
  /// struct outer {
  ///   unsigned char address[4];
  ///   short ports[2];
  ///   char name[4];
  ///   struct { unsigned char low, high; };
  ///   struct inner { enum color color; } inner;
  /// };
  /// ```
  private static final Btf TYPES =
      Btf.of(
          List.of(
              new BtfType.Int("unsigned char", 1, Encoding.UNSIGNED, 0, 8),
              new BtfType.Int("char", 1, Encoding.CHAR, 0, 8),
              new BtfType.Int("short", 2, Encoding.SIGNED, 0, 16),
              new BtfType.Enumeration(
                  "color", 1, false, false, List.of(new BtfType.Enumerator("RED", 1))),
              new BtfType.Array(BYTE, BYTE, 4),
              new BtfType.Array(SHORT, BYTE, 2),
              new BtfType.Array(CHAR, BYTE, 4),
              struct("inner", 1, new BtfType.Member("color", COLOR, 0, 0)),
              struct(
                  "",
                  2,
                  new BtfType.Member("low", BYTE, 0, 0),
                  new BtfType.Member("high", BYTE, 8, 0)),
              struct(
                  "outer",
                  16,
                  new BtfType.Member("address", BYTES, 0, 0),
                  new BtfType.Member("ports", SHORTS, 32, 0),
                  new BtfType.Member("name", TEXT, 64, 0),
                  new BtfType.Member("", NAMELESS, 96, 0),
                  new BtfType.Member("inner", INNER, 112, 0))));

  private static BtfType struct(String name, int size, BtfType.Member... members) {
    return new BtfType.Composite(name, false, size, List.of(members));
  }

  private static String write(ValueStyle style, int type, int... bytes) {
    byte[] value = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      value[i] = (byte) bytes[i];
    }
    return style.of(TYPES, type, new BtfValueCodec(TYPES).decode(type, value));
  }

  @Test
  void peopleReadFieldsNamesAndHexDigits() {
    int[] bytes = {203, 0, 113, 9, 0xff, 0xff, 80, 0, 'e', 't', 'h', 0, 7, 8, 1, 0};
    assertThat(write(ValueStyle.TEXT, OUTER, bytes))
        .isEqualTo("address=cb007109 ports=[-1 80] name=\"eth\" low=7 high=8 inner={color=RED}");
    assertThat(write(ValueStyle.JSON, OUTER, bytes))
        .isEqualTo(
            "{\"address\": [203, 0, 113, 9], \"ports\": [-1, 80], \"name\": \"eth\","
                + " \"low\": 7, \"high\": 8, \"inner\": {\"color\": \"RED\"}}");
  }

  @Test
  void whatIsNoStructStandsAlone() {
    assertThat(write(ValueStyle.TEXT, BYTES, 1, 2, 3, 255)).isEqualTo("010203ff");
    assertThat(write(ValueStyle.TEXT, COLOR, 1)).isEqualTo("RED");
    assertThat(write(ValueStyle.TEXT, COLOR, 9)).isEqualTo("9");
    assertThat(ValueStyle.TEXT.ofBytes(new byte[] {1, -1})).isEqualTo("01ff");
    assertThat(ValueStyle.JSON.ofBytes(new byte[] {1, -1})).isEqualTo("\"01ff\"");
  }

  @Test
  void peopleReadOfCpusThoseThatHaveSomething() {
    List<String> values = List.of("n=0", "n=5", "n=0", "n=7");
    List<Boolean> zero = List.of(true, false, true, false);
    assertThat(ValueStyle.TEXT.ofCpus(values, zero)).isEqualTo("cpu 1: n=5, cpu 3: n=7");
    assertThat(ValueStyle.TEXT.ofCpus(List.of("n=0"), List.of(true))).isEqualTo("0");
    assertThat(ValueStyle.JSON.ofCpus(List.of("1", "2"), List.of(false, false)))
        .isEqualTo("[1, 2]");
  }
}
