package org.ebpf4j.net.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DamagedCaptureTest {
  private static final List<String> FILES =
      List.of("micro.pcap", "nano.pcap", "snapped.pcap", "two-interfaces.pcapng");

  private static byte[] bytes(String file) {
    try {
      return Files.readAllBytes(CaptureFilesTest.file(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Reads up to the end or the damage, adding each packet's bytes to `packets`.
  private static void readAll(byte[] capture, List<byte[]> packets) {
    try (CaptureReader reader = RawCapture.open(capture)) {
      while (reader.next()) {
        packets.add(reader.packet().toBytes());
      }
    }
  }

  @Test
  void deliversEveryPacketBeforeTheCutWhereverItIs() {
    for (String file : FILES) {
      byte[] whole = bytes(file);
      List<byte[]> expected = new ArrayList<>();
      readAll(whole, expected);
      int clean = 0;
      int last = 0;
      for (int length = 0; length < whole.length; length++) {
        List<byte[]> packets = new ArrayList<>();
        try {
          readAll(Arrays.copyOf(whole, length), packets);
          clean++;
        } catch (CaptureException e) {
          assertThat(e.packets()).isEqualTo(packets.size());
          assertThat(e.offset()).isLessThanOrEqualTo(length);
        }
        assertThat(packets.size()).isGreaterThanOrEqualTo(last);
        last = packets.size();
        for (int i = 0; i < packets.size(); i++) {
          assertThat(packets.get(i)).isEqualTo(expected.get(i));
        }
      }
      // Only a cut between two records goes unseen.
      assertThat(clean).isLessThan(2 * expected.size() + 5);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void endsWithACaptureExceptionOrNothingOnRandomDamage(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 700; round++) {
      byte[] capture = bytes(FILES.get(random.nextInt(FILES.size())));
      for (int i = random.nextInt(8); i >= 0; i--) {
        damage(capture, random);
      }
      List<byte[]> packets = new ArrayList<>();
      try {
        readAll(capture, packets);
      } catch (CaptureException e) {
        assertThat(e.packets()).as("seed %d, round %d", seed, round).isEqualTo(packets.size());
      }
      assertThat(packets.stream().mapToLong(packet -> packet.length).sum())
          .isLessThanOrEqualTo(capture.length);
    }
  }

  /// Overwrites a byte or a whole word, preferring the beginning and values at the edges.
  private static void damage(byte[] capture, Random random) {
    int range = random.nextBoolean() ? capture.length : Math.min(200, capture.length);
    int at = random.nextInt(range - 4) & ~3;
    int[] edges = {0, 1, 12, 13, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x1000_0000, 262_145};
    if (random.nextBoolean()) {
      capture[at + random.nextInt(4)] = (byte) random.nextInt();
    } else {
      int value = edges[random.nextInt(edges.length)];
      ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      ByteBuffer.wrap(capture).order(order).putInt(at, value);
    }
  }

  @Test
  void saysTheSameAgainAfterTheDamage() {
    byte[] cut = Arrays.copyOf(bytes("micro.pcap"), 200);
    try (CaptureReader reader = RawCapture.open(cut)) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.next()).isTrue();
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(reader::next)
            .hasMessage(
                "test at offset 140: the file is cut off in the bytes of a packet"
                    + " (after 2 packets)");
      }
    }
  }

  @Test
  void refusesAPacketOfAbsurdLength() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN).pcapHeader(0xa1b2c3d4, 1).ints(0, 0, -1, 60);
    try (CaptureReader reader = capture.open()) {
      assertThatThrownBy(reader::next)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("claims 4294967295 captured bytes");
    }
  }

  @Test
  void refusesWhatIsNoCapture(@TempDir Path folder) throws IOException {
    assertProblem(folder.resolve("none.pcap"), "no such file");
    assertProblem(folder, "is a folder, not a capture");
    assertProblem(write(folder, new byte[0]), "is empty, not a capture");
    assertProblem(write(folder, new byte[3]), "is too short for a capture");
    assertProblem(
        write(folder, "#!/bin/sh".getBytes(StandardCharsets.US_ASCII)),
        "is neither pcap nor pcapng: it begins with 23212f62");
    assertProblem(
        write(folder, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0}),
        "is compressed: decompress it with gunzip first");
    assertProblem(
        write(folder, Arrays.copyOf(bytes("nano.pcap"), 20)),
        "the file is cut off in the pcap header");
  }

  private static Path write(Path folder, byte[] content) throws IOException {
    return Files.write(folder.resolve("capture"), content);
  }

  private static void assertProblem(Path path, String problem) {
    assertThatThrownBy(() -> CaptureReader.open(path))
        .isInstanceOfSatisfying(
            CaptureException.class,
            e -> {
              assertThat(e.file()).isEqualTo(path.toString());
              assertThat(e.problem()).isEqualTo(problem);
              assertThat(e.packets()).isZero();
            });
  }
}
