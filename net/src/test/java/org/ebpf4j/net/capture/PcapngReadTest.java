package org.ebpf4j.net.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PcapngReadTest {
  @Test
  void readsSectionsOfBothByteOrdersInOneFile() {
    RawCapture capture =
        new RawCapture(ByteOrder.BIG_ENDIAN)
            .sectionHeader()
            .interfaceDescription(1, 0)
            .interfaceDescription(101, 0)
            .enhancedPacket(1, 5, 20, 5)
            .order(ByteOrder.LITTLE_ENDIAN)
            .sectionHeader()
            .interfaceDescription(113, 0)
            .enhancedPacket(0, 6, 30, 4);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(20, 21, 22, 23, 24);
      assertThat(reader.packet().linkType()).isEqualTo(LinkType.RAW);
      assertThat(reader.packet().interfaceId()).isEqualTo(1);
      assertThat(reader.packet().timestampNanos()).isEqualTo(5000);
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(30, 31, 32, 33);
      assertThat(reader.packet().linkType()).isEqualTo(LinkType.LINUX_SLL);
      assertThat(reader.packet().interfaceId()).isZero();
      assertThat(reader.next()).isFalse();
      assertThat(reader.bytesRead()).isEqualTo(capture.size());
    }
  }

  @Test
  void skipsUnknownBlocksHoweverLongAndOptionsOfPackets() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .sectionHeader()
            .ints(0x0bad_0bad, 12 + 700_000)
            .pattern(0, 700_000)
            .ints(12 + 700_000)
            .interfaceDescription(1, 0)
            // A packet with a comment of 5 bytes.
            .ints(6, 32 + 4 + 16, 0, 0, 9, 2, 2)
            .pattern(50, 4)
            .shorts(1, 5)
            .pattern('a', 8)
            .ints(0, 52)
            .enhancedPacket(0, 10, 60, 1);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(50, 51);
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(60);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void readsSimplePacketsUpToTheSnapLength() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .sectionHeader()
            .interfaceDescription(1, 6)
            .ints(3, 24, 100)
            .pattern(1, 8)
            .ints(24)
            .ints(3, 20, 3)
            .pattern(9, 4)
            .ints(20);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(reader.packet().originalLength()).isEqualTo(100);
      assertThat(reader.packet().timestampNanos()).isZero();
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(9, 10, 11);
    }
  }

  @Test
  void readsTheObsoletePacketBlock() {
    RawCapture capture =
        new RawCapture(ByteOrder.BIG_ENDIAN)
            .sectionHeader()
            .interfaceDescription(1, 0)
            .interfaceDescription(228, 0)
            .ints(2, 36)
            .shorts(1, 77)
            .ints(0, 3, 2, 9)
            .pattern(5, 4)
            .ints(36);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().toBytes()).containsExactly(5, 6);
      assertThat(reader.packet().linkType()).isEqualTo(LinkType.IPV4);
      assertThat(reader.packet().timestampNanos()).isEqualTo(3000);
      assertThat(reader.packet().originalLength()).isEqualTo(9);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // if_tsresol, timestamp, nanoseconds
    "0, 3, 3000000000",
    "3, 1500, 1500000000",
    "9, 1500, 1500",
    "12, 1999, 1",
    "18, 3000000001999999999, 3000000001",
    "19, -8446744073709551616, 1000000000", // 10^19 as an unsigned number
    "0x80, 2, 2000000000",
    "0x8a, 1536, 1500000000",
    "0xa0, 6442450944, 1500000000",
    "0xbf, -4611686018427387904, 1500000000", // 3/2 * 2^63 as an unsigned number
  })
  void countsTimeInPowersOfTenAndTwo(String resolution, long timestamp, long nanoseconds) {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .sectionHeader()
            .interfaceWithResolution(1, Integer.decode(resolution))
            .enhancedPacket(0, timestamp, 0, 1);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().timestampNanos()).isEqualTo(nanoseconds);
    }
  }

  @Test
  void addsTheTimestampOffset() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .sectionHeader()
            .ints(1, 40)
            .shorts(1, 0)
            .ints(0)
            .shorts(14, 8)
            .longs(-100)
            .shorts(0, 0)
            .ints(0) // after the end of options: to be skipped
            .ints(40)
            .enhancedPacket(0, 250_000_001, 0, 1);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().timestampNanos()).isEqualTo(150_000_001_000L);
    }
  }

  @Test
  void readsAnInterfaceWithoutEndOfOptions() {
    RawCapture capture =
        new RawCapture(ByteOrder.LITTLE_ENDIAN)
            .sectionHeader()
            .ints(1, 28)
            .shorts(1, 0)
            .ints(0)
            .shorts(9, 1)
            .bytes((byte) 9, (byte) 0, (byte) 0, (byte) 0)
            .ints(28)
            .enhancedPacket(0, 42, 0, 1);
    try (CaptureReader reader = capture.open()) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.packet().timestampNanos()).isEqualTo(42);
    }
  }

  @Test
  void namesWhatIsWrong() {
    List<String> problems = new ArrayList<>();
    for (RawCapture damaged :
        List.of(
            section().enhancedPacket(0, 0, 0, 1),
            section().ints(77, 13, 0),
            section().ints(77, 8, 0),
            section().ints(77, 16, 0, 20),
            section().interfaceWithResolution(1, 20),
            section().interfaceDescription(1, 0).ints(6, 32, 0, 0, 0, 4, 4, 32),
            section().interfaceDescription(1, 0).ints(6, 16, 0, 16),
            section().ints(0x0a0d0d0a, 28, 0x12345678, 0, 0, 0, 28))) {
      try (CaptureReader reader = damaged.open()) {
        assertThatThrownBy(reader::next)
            .isInstanceOfSatisfying(
                CaptureException.class,
                e -> {
                  assertThat(e.offset()).isGreaterThanOrEqualTo(28);
                  problems.add(e.problem());
                });
      }
    }
    assertThat(problems)
        .containsExactly(
            "a packet names interface 0 of a section that has 0",
            "a block claims the impossible length 13",
            "a block claims the impossible length 8",
            "the two lengths of a block differ",
            "an interface's timestamps are finer than 64 bits can count",
            "a packet claims 4 captured bytes in a block of 32, at most 262144 are possible: the"
                + " file is corrupt",
            "a block of 16 bytes is too short for what it should hold",
            "a section header has no byte-order magic");
  }

  private static RawCapture section() {
    return new RawCapture(ByteOrder.LITTLE_ENDIAN).sectionHeader();
  }
}
