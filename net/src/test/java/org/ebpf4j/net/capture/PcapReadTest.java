package org.ebpf4j.net.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PcapReadTest {
  private static final long SECOND = 1_000_000_000L;

  @ParameterizedTest
  @CsvSource({
    "BIG_ENDIAN, 0xa1b2c3d4, 7000",
    "LITTLE_ENDIAN, 0xa1b2c3d4, 7000",
    "BIG_ENDIAN, 0xa1b23c4d, 7",
    "LITTLE_ENDIAN, 0xa1b23c4d, 7",
  })
  void readsEveryByteOrderAndResolution(String order, String magic, long nanos) {
    RawCapture capture =
        new RawCapture("BIG_ENDIAN".equals(order) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
            .pcapHeader(Long.decode(magic).intValue(), 1)
            .ints(0xffff_fff0, 7, 3, 1500)
            .pattern(10, 3)
            .ints(1, 0, 0, 0);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      CapturedPacket packet = reader.packet();
      assertThat(packet.toBytes()).containsExactly(10, 11, 12);
      assertThat(packet.length()).isEqualTo(3);
      assertThat(packet.originalLength()).isEqualTo(1500);
      assertThat(packet.timestampNanos()).isEqualTo(0xffff_fff0L * SECOND + nanos);
      assertThat(packet.linkType()).isEqualTo(LinkType.ETHERNET);
      assertThat(packet.interfaceId()).isZero();
      assertThat(reader.next()).isTrue();
      assertThat(packet.toBytes()).isEmpty();
      assertThat(reader.next()).isFalse();
      assertThat(reader.packets()).isEqualTo(2);
      assertThat(reader.bytesRead()).isEqualTo(capture.size());
    }
  }

  @Test
  void readsTheLinkTypeWithoutTheFlagsAboveIt() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .pcapHeader(0xa1b2c3d4, 0x2400_0071)
            .ints(0, 0, 1, 1)
            .pattern(0, 1);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().linkType()).isEqualTo(LinkType.LINUX_SLL);
    }
  }

  @Test
  void deliversPacketsLargerThanWhatIsLeftOfTheBuffer() {
    RawCapture capture = new RawCapture(ByteOrder.LITTLE_ENDIAN).pcapHeader(0xa1b2c3d4, 1);
    int[] lengths = {262_144, 1, 262_144, 100_000, 262_143, 0, 77};
    for (int i = 0; i < lengths.length; i++) {
      capture.ints(i, 0, lengths[i], lengths[i]).pattern(i, lengths[i]);
    }
    try (CaptureReader reader = capture.open()) {
      for (int i = 0; i < lengths.length; i++) {
        assertThat(reader.next()).isTrue();
        byte[] bytes = reader.packet().toBytes();
        assertThat(bytes).hasSize(lengths[i]);
        for (int j = 0; j < bytes.length; j++) {
          if (bytes[j] != (byte) (i + j)) {
            throw new AssertionError("packet " + i + " differs at " + j);
          }
        }
      }
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void readsStandardInputAndLeavesItOpen() {
    byte[] capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .pcapHeader(0xa1b2c3d4, 1)
            .ints(0, 0, 1, 1)
            .pattern(7, 1)
            .toBytes();
    InputStream before = System.in;
    boolean[] closed = {false};
    try {
      System.setIn(
          new ByteArrayInputStream(capture) {
            @Override
            public void close() {
              closed[0] = true;
            }
          });
      try (CaptureReader reader = CaptureReader.open(Path.of("-"))) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.packet().toBytes()).containsExactly(7);
        assertThat(reader.next()).isFalse();
        assertThat(reader.size()).isEmpty();
      }
    } finally {
      System.setIn(before);
    }
    assertThat(closed[0]).isFalse();
  }

  /// The collector would be late: it does not see how much memory waits for it.
  @Test
  void closingGivesTheMemoryBack() {
    CaptureReader reader =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .pcapHeader(0xa1b2c3d4, 1)
            .ints(0, 0, 1, 1)
            .pattern(7, 1)
            .open();
    assertThat(reader.next()).isTrue();
    reader.close();
    reader.close();
    assertThat(reader.packet().memory().scope().isAlive()).isFalse();
  }

  @Test
  void refusesOtherVersions() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .ints(0xa1b2c3d4)
            .shorts(3, 1)
            .longs(0)
            .ints(65_535, 1);
    assertThatThrownBy(capture::open)
        .isInstanceOf(CaptureException.class)
        .hasMessageContaining("version 3.1");
  }
}
