package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.TestObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BtfValueCodecTest {
  private static final Btf TYPES = TestObjects.btf("clang-19/types");

  @Test
  void showsKeysAndValuesOfMaps() {
    CollectionSpec spec = TestObjects.read("clang-19/maps");
    MapSpec flows = spec.map("flows").orElseThrow();
    BtfValueCodec codec = new BtfValueCodec(spec.btf());
    ByteBuffer key = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    key.putInt(-1).putInt(2).putShort((short) 80).putShort((short) 443);

    BtfValue value = codec.decode(flows.keyType(), key.array());

    assertThat(value.toJson())
        .isEqualTo("{\"source\": 4294967295, \"destination\": 2, \"ports\": [80, 443]}");
    assertThat(codec.encode(flows.keyType(), value)).isEqualTo(key.array());
  }

  @Test
  void readsGlobalVariables() {
    CollectionSpec spec = TestObjects.read("clang-19/globals");
    MapSpec rodata = spec.map(".rodata").orElseThrow();
    byte[] bytes = ((MapSpec.Contents.Data) rodata.contents()).bytes();

    BtfValue.Structure value =
        (BtfValue.Structure) new BtfValueCodec(spec.btf()).decode(rodata.valueType(), bytes);

    assertThat(value.field("limit")).contains(BtfValue.Numeric.of(77));
    assertThat(value.field("text")).contains(new BtfValue.Text("read only text"));
    assertThat(value.field("table_static").orElseThrow().toJson()).isEqualTo("[20, 21, 22, 23]");
  }

  @Test
  void readsBigEndianVariables() {
    CollectionSpec spec = TestObjects.read("big-endian/globals");
    MapSpec data = spec.map(".data").orElseThrow();
    byte[] bytes = ((MapSpec.Contents.Data) data.contents()).bytes();

    BtfValue.Structure value =
        (BtfValue.Structure) new BtfValueCodec(spec.btf()).decode(data.valueType(), bytes);

    assertThat(value.field("initialised").orElseThrow().toJson())
        .isEqualTo("{\"left\": 1, \"right\": 2}");
  }

  @Test
  void readsBitFields() {
    int bits = find("bits");
    // one = 1, two = 2, wide = -3, huge = 0x8012345678, flag = true, color = GREEN (5, as -3)
    BtfValue value =
        new BtfValue.Structure(
            List.of(
                field("one", BtfValue.Numeric.of(1)),
                field("two", BtfValue.Numeric.of(2)),
                field("wide", BtfValue.Numeric.of(-3)),
                field("huge", BtfValue.Numeric.of(0x8012345678L)),
                field("flag", new BtfValue.Truth(true)),
                field("color", new BtfValue.Constant(Optional.of("RED"), 0)),
                field("tail", BtfValue.Numeric.of(65535))));
    BtfValueCodec codec = new BtfValueCodec(TYPES);

    byte[] bytes = codec.encode(bits, value);

    assertThat(bytes[0]).isEqualTo((byte) (1 | 2 << 1 | (-3 & 3) << 6));
    assertThat(codec.decode(bits, bytes)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-19/types", "big-endian/types"})
  void encodesWhatItDecodes(String object) {
    Btf btf = TestObjects.btf(object);
    BtfValueCodec codec = new BtfValueCodec(btf);
    BtfLayout layout = new BtfLayout(btf);
    Random random = new Random(7);
    for (int id = 1; id < btf.endId(); id++) {
      BtfType type = btf.type(id);
      if (layout.sizeOf(id).isEmpty() || type instanceof BtfType.DataSection) {
        continue;
      }
      byte[] bytes = new byte[layout.sizeOf(id).getAsInt()];
      random.nextBytes(bytes);
      BtfValue value = codec.decode(id, bytes);

      // Padding is not kept, so the round trip is by value.
      assertThat(codec.decode(id, codec.encode(id, value))).as("type %s", type).isEqualTo(value);
    }
  }

  @Test
  void namesEnumerators() {
    BtfValueCodec codec = new BtfValueCodec(TYPES);
    int color = TYPES.find("color", BtfType.Enumeration.class).getFirst();

    assertThat(codec.decode(color, new byte[] {(byte) 0xf9, -1, -1, -1}).toJson())
        .isEqualTo("\"BLUE\"");
    assertThat(codec.decode(color, new byte[] {3, 0, 0, 0}).toJson()).isEqualTo("3");
    assertThat(codec.encode(color, new BtfValue.Constant(Optional.of("GREEN"), 0)))
        .containsExactly(5, 0, 0, 0);
  }

  @Test
  void writesIndentedJson() {
    BtfValue value =
        new BtfValue.Structure(
            List.of(
                field("text", new BtfValue.Text("a \"b\"\n")),
                field("", new BtfValue.Structure(List.of(field("x", new BtfValue.Letter('c'))))),
                field("at", new BtfValue.Address(0xffffL)),
                field("list", new BtfValue.Sequence(List.of(new BtfValue.Real(0.5)))),
                field("none", new BtfValue.Sequence(List.of()))));

    assertThat(value.toIndentedJson())
        .isEqualTo(
            """
            {
              "text": "a \\"b\\"\\n",
              "x": "c",
              "at": "0xffff",
              "list": [
                0.5
              ],
              "none": []
            }\
            """);
  }

  @Test
  void saysWhichPartDoesNotFit() {
    BtfValueCodec codec = new BtfValueCodec(TYPES);
    int packed = find("packed");

    assertRefused(
        () ->
            codec.encode(
                packed, new BtfValue.Structure(List.of(field("first", BtfValue.Numeric.of(256))))),
        "packed.first: 256 does not fit unsigned 8 bits");
    assertRefused(
        () ->
            codec.encode(
                packed, new BtfValue.Structure(List.of(field("fourth", BtfValue.Numeric.of(1))))),
        "packed.fourth: no such field");
    assertRefused(
        () -> codec.encode(packed, new BtfValue.Text("x")),
        "packed: takes a struct or union, not text");
    assertRefused(() -> codec.decode(packed, new byte[12]), "packed: takes 13 bytes, not 12");
    assertRefused(() -> codec.decode(0, new byte[12]), "value: is of a type without size");
    assertRefused(
        () ->
            codec.encode(
                TYPES.find("color", BtfType.Enumeration.class).getFirst(),
                new BtfValue.Constant(Optional.of("PINK"), 0)),
        "color: no enumerator PINK");
  }

  @Test
  void holdsNumbersOf128Bits() {
    Btf btf = Btf.of(List.of(new BtfType.Int("__int128", 16, BtfType.Int.Encoding.SIGNED, 0, 128)));
    BtfValueCodec codec = new BtfValueCodec(btf);
    BtfValue value = new BtfValue.Numeric(BigInteger.ONE.shiftLeft(126).negate());

    assertThat(codec.decode(1, codec.encode(1, value))).isEqualTo(value);
  }

  private static int find(String struct) {
    return TYPES.find(struct, BtfType.Composite.class).getFirst();
  }

  private static BtfValue.Field field(String name, BtfValue value) {
    return new BtfValue.Field(name, value);
  }

  private static void assertRefused(Runnable action, String message) {
    assertThatExceptionOfType(BtfValueException.class).isThrownBy(action::run).withMessage(message);
  }
}
