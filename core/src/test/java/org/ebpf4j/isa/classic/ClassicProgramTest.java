package org.ebpf4j.isa.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassicProgramTest {
  private static final int PACKETS = 3000;
  private static final int SK_BUFF_BYTES = 192;

  @Test
  void translatedFiltersOfTcpdumpGiveTheSameVerdicts() throws IOException {
    SplittableRandom random = new SplittableRandom(1993);
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < PACKETS; i++) {
      packets.add(packet(random));
    }
    int filters = 0;
    for (String block : resource("tcpdump-filters.txt").split("(?m)^# ")) {
      if (block.isBlank()) {
        continue;
      }
      String expression = block.lines().findFirst().orElseThrow();
      ClassicProgram filter = ClassicProgram.parse(block.substring(expression.length()));
      int matches = 0;
      for (byte[] packet : packets) {
        int expected = ClassicInterpreter.run(filter, packet);
        matches += expected != 0 ? 1 : 0;
        assertThat((int) TranslatedRun.run(filter.toSocketFilter(), context(packet), packet))
            .as(expression)
            .isEqualTo(expected);
      }
      assertThat(matches).as("packets that match " + expression).isBetween(1, PACKETS - 1);
      filters++;
    }
    assertThat(filters).isEqualTo(23);
  }

  @Test
  void translatedRandomProgramsGiveTheSameResult() {
    SplittableRandom random = new SplittableRandom(2014);
    int run = 0;
    while (run < 3000) {
      ClassicProgram program;
      try {
        program = new ClassicProgram(randomProgram(random));
      } catch (ClassicException refused) {
        continue;
      }
      byte[] packet = packet(random);
      assertThat((int) TranslatedRun.run(program.toSocketFilter(), context(packet), packet))
          .as("%s", program)
          .isEqualTo(ClassicInterpreter.run(program, packet));
      run++;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2048", // protocol, out of network order
    "4, 3", // packet type
    "8, 42", // interface index
    "20, 7", // mark
    "24, 9", // queue
    "32, 305419896", // hash
    "36, 1008", // CPU, by helper 8
    "40, 0", // A ^= X
    "44, 100", // VLAN tag
    "48, 1", // VLAN there
    "56, 1007", // random, by helper 7
    "60, 33024", // VLAN protocol, out of network order
  })
  void readsAncillaryDataFromTheContext(int offset, int value) {
    ClassicProgram program =
        ClassicProgram.parse("2\n40 0 0 %d\n22 0 0 0".formatted(0xfffff000L + offset));
    assertThat(TranslatedRun.run(program.toSocketFilter(), context(new byte[60]), new byte[60]))
        .isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"12, netlink", "16, netlink", "28, type of the device", "52, payload"})
  void refusesAncillaryDataThatTheContextLacks(int offset, String words) {
    ClassicProgram program =
        ClassicProgram.parse("2\n32 0 0 %d\n22 0 0 0".formatted(0xfffff000L + offset));
    assertThatThrownBy(program::toSocketFilter)
        .isInstanceOf(ClassicException.class)
        .hasMessageContaining("instruction 0")
        .hasMessageContaining(words);
  }

  @Test
  void readsArraysInBothByteOrders() {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      ByteBuffer bytes = ByteBuffer.allocate(16).order(order);
      bytes.putShort((short) 0x28).put((byte) 0).put((byte) 0).putInt(12);
      bytes.putShort((short) 0x16).put((byte) 0).put((byte) 0).putInt(0).flip();
      assertThat(ClassicProgram.read(bytes, order))
          .isEqualTo(ClassicProgram.parse("2\n40 0 0 12\n22 0 0 0\n"));
    }
    assertThatThrownBy(() -> ClassicProgram.read(ByteBuffer.allocate(7), ByteOrder.BIG_ENDIAN))
        .isInstanceOf(ClassicException.class)
        .hasMessageContaining("cut off after 7 of 8 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | line 1 | number of instructions",
        "x | line 1 | no decimal number",
        "2;6 0 0 0 | line 1 | promises 2 instructions, and 1 follow",
        "5000 | line 1 | out of range",
        "1;6 0 0 | line 2 | four numbers",
        "1;6 0 0 y | line 2 | no decimal number",
        "1;6 0 0 4294967296 | line 2 | out of range",
        "1;6 256 0 0 | line 2 | out of range",
        "0 | instruction 0 | 1 to 4096 instructions",
        "1;14 0 0 0 | instruction 0 | unknown code 0xe",
        "1;4 0 0 0 | instruction 0 | must be a return",
        "2;52 0 0 0;6 0 0 0 | instruction 0 | constant 0",
        "2;148 0 0 0;6 0 0 0 | instruction 0 | constant 0",
        "2;100 0 0 32;6 0 0 0 | instruction 0 | shifts by 32",
        "2;116 0 0 4294967295;6 0 0 0 | instruction 0 | shifts by 4294967295",
        "2;2 0 0 16;6 0 0 0 | instruction 0 | cells 0 to 15",
        "2;96 0 0 3;6 0 0 0 | instruction 0 | scratch cell 3 before",
        "4;21 0 1 0;2 0 0 3;96 0 0 3;6 0 0 0 | instruction 2 | scratch cell 3 before",
        "2;5 0 0 1;6 0 0 0 | instruction 0 | jumps to 2",
        "2;5 0 0 4294967295;6 0 0 0 | instruction 0 | behind the end",
        "2;21 1 0 0;6 0 0 0 | instruction 0 | jumps to 2",
        "2;21 0 1 0;6 0 0 0 | instruction 0 | jumps to 2",
        "2;32 0 0 4294963264;6 0 0 0 | instruction 0 | ancillary offset",
      })
  void refusesWhatLinuxRefuses(String text, String place, String words) {
    assertThatThrownBy(() -> ClassicProgram.parse(text.replace(';', '\n')))
        .isInstanceOf(ClassicException.class)
        .hasMessageContaining(place + ":")
        .hasMessageContaining(words);
  }

  @Test
  void takesScratchMemoryWrittenOnEveryPath() {
    ClassicProgram program =
        ClassicProgram.parse("6\n21 0 2 0\n2 0 0 3\n5 0 0 1\n2 0 0 3\n97 0 0 3\n22 0 0 0");
    assertThat(program.instructions()).hasSize(6);
  }

  @Test
  void translatesTheLongestProgram() {
    StringBuilder text = new StringBuilder("4096\n5 0 0 4094\n");
    text.append("177 0 0 0\n".repeat(4094)).append("6 0 0 9");
    ClassicProgram program = ClassicProgram.parse(text.toString());
    assertThat(TranslatedRun.run(program.toSocketFilter(), context(new byte[1]), new byte[1]))
        .isEqualTo(9);
  }

  @Test
  void translatesSeccompFilters() {
    // Allows system call 39 of architecture 0xc000003e, else gives the length of the data.
    ClassicProgram program =
        ClassicProgram.parse(
            "7\n32 0 0 4\n21 0 3 3221225534\n32 0 0 0\n21 0 1 39\n6 0 0 2147418112\n"
                + "128 0 0 0\n22 0 0 0");
    assertThat(TranslatedRun.run(program.toSeccompFilter(), seccomp(39), new byte[0]))
        .isEqualTo(0x7fff0000L);
    assertThat(TranslatedRun.run(program.toSeccompFilter(), seccomp(40), new byte[0]))
        .isEqualTo(64);
  }

  @ParameterizedTest
  @CsvSource({
    "32 0 0 64, below 64",
    "32 0 0 2, multiples of 4",
    "32 0 0 4294963200, below 64",
    "40 0 0 0, only words",
    "48 0 0 0, only words",
    "64 0 0 0, only words",
    "177 0 0 0, only words",
    "148 0 0 3, no remainder",
  })
  void refusesWhatSeccompDoesNotAllow(String instruction, String words) {
    ClassicProgram program = ClassicProgram.parse("2\n" + instruction + "\n6 0 0 0");
    assertThatThrownBy(program::toSeccompFilter)
        .isInstanceOf(ClassicException.class)
        .hasMessageContaining("instruction 0")
        .hasMessageContaining(words);
  }

  @Test
  void refusesRandomBytesWithItsOwnErrorOnly() {
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      try {
        ClassicProgram.read(ByteBuffer.wrap(bytes), ByteOrder.LITTLE_ENDIAN);
      } catch (ClassicException expected) {
        refused++;
      }
      try {
        ClassicProgram.parse(new String(bytes, StandardCharsets.ISO_8859_1));
      } catch (ClassicException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  private static List<ClassicInstruction> randomProgram(SplittableRandom random) {
    int[] codes = {
      0x00, 0x01, 0x02, 0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54,
      0x5c, 0x64, 0x74, 0x84, 0x94, 0x9c, 0xa4, 0xac, 0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d,
      0x45, 0x4d, 0x07, 0x87, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x61, 0x80, 0x81, 0xb1
    };
    List<ClassicInstruction> program = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      program.add(new ClassicInstruction(random.nextBoolean() ? 0x02 : 0x03, 0, 0, i));
    }
    int length = random.nextInt(1, 20);
    for (int i = 0; i < length; i++) {
      int left = length - i - 1;
      int code = codes[random.nextInt(codes.length)];
      int k = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(40);
      if (code == 0x05) {
        k = random.nextInt(left + 1);
      } else if (code == 0x60 || code == 0x61 || code == 0x02 || code == 0x03) {
        k &= 15;
      } else if (code == 0x64 || code == 0x74) {
        k &= 31;
      } else if (code == 0x20 || code == 0x28 || code == 0x30 || code == 0xb1 || code >> 4 == 4) {
        k &= 0x3f;
      }
      program.add(
          new ClassicInstruction(code, random.nextInt(left + 1), random.nextInt(left + 1), k));
    }
    program.add(new ClassicInstruction(0x16, 0, 0, 0));
    return program;
  }

  /// An Ethernet frame of the kinds that the filters tell apart, now and then cut off.
  private static byte[] packet(SplittableRandom random) {
    byte[] packet = new byte[random.nextInt(34, 160)];
    random.nextBytes(packet);
    ByteBuffer out = ByteBuffer.wrap(packet);
    if (random.nextInt(8) == 0) {
      out.putInt(0, -1).putShort(4, (short) -1);
    }
    int[] types = {0x0800, 0x0800, 0x0800, 0x86dd, 0x0806, 0x8100};
    int type = types[random.nextInt(types.length)];
    out.putShort(12, (short) type);
    if (type == 0x8100) {
      out.putShort(14, (short) (random.nextBoolean() ? 5 : random.nextInt(4096)));
      out.putShort(16, (short) 0x0800);
    }
    byte[] protocols = {1, 6, 6, 17, 17, 58};
    byte protocol = protocols[random.nextInt(protocols.length)];
    short[] ports = {80, 53, 443, 22, 8080, 0};
    short port = ports[random.nextInt(ports.length)];
    if (type == 0x0800 && packet.length >= 40) {
      packet[14] = (byte) (random.nextInt(4) == 0 ? 0x46 : 0x45);
      out.putShort(20, (short) (random.nextInt(4) == 0 ? 0x2000 : 0));
      packet[23] = protocol;
      out.putInt(26, 0x0a000001 + random.nextInt(4));
      out.putInt(30, 0x0a000001 + random.nextInt(4));
      out.putShort(random.nextBoolean() ? 34 : 36, port);
      if (protocol == 1) {
        packet[34] = 8;
      }
    }
    if (type == 0x86dd && packet.length >= 60) {
      packet[20] = protocol;
      if (random.nextBoolean()) {
        out.putLong(22, 0xfe80_0000_0000_0000L).putLong(30, 1);
      }
      out.putShort(random.nextBoolean() ? 54 : 56, port);
    }
    return packet;
  }

  /// A `struct __sk_buff` with another number in each field that a filter may read.
  private static ByteBuffer context(byte[] packet) {
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    return ByteBuffer.allocate(SK_BUFF_BYTES)
        .order(ByteOrder.nativeOrder())
        .putInt(0, packet.length)
        .putInt(4, 3)
        .putInt(8, 7)
        .putInt(12, 9)
        .putInt(16, little ? 0x0008 : 0x0800)
        .putInt(20, 1)
        .putInt(24, 100)
        .putInt(28, little ? 0x0081 : 0x8100)
        .putInt(40, 42)
        .putInt(68, 0x12345678);
  }

  private static ByteBuffer seccomp(int call) {
    return ByteBuffer.allocate(64)
        .order(ByteOrder.nativeOrder())
        .putInt(0, call)
        .putInt(4, 0xc000003e);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ClassicProgramTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
