package org.ebpf4j.net.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CaptureWriterTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"out.pcap", "out.pcapng", "out"})
  void readsBackWhatItWrote(String name) {
    Path target = folder.resolve(name);
    Random random = new Random(5);
    List<byte[]> packets = new ArrayList<>();
    try (CaptureWriter writer = CaptureWriter.create(target, LinkType.RAW)) {
      for (int i = 0; i < 2000; i++) {
        byte[] packet = new byte[i % 500 == 499 ? CaptureReader.MAX_PACKET : random.nextInt(1600)];
        random.nextBytes(packet);
        packets.add(packet);
        writer.write(packet, 1_700_000_000_123_456_789L + i);
      }
      writer.commit();
    }
    try (CaptureReader reader = CaptureReader.open(target)) {
      CapturedPacket packet = reader.packet();
      for (int i = 0; i < packets.size(); i++) {
        assertThat(reader.next()).isTrue();
        assertThat(Arrays.equals(packet.toBytes(), packets.get(i))).as("packet %d", i).isTrue();
        assertThat(packet.timestampNanos()).isEqualTo(1_700_000_000_123_456_789L + i);
        assertThat(packet.originalLength()).isEqualTo(packets.get(i).length);
        assertThat(packet.linkType()).isEqualTo(LinkType.RAW);
      }
      assertThat(reader.next()).isFalse();
    }
    assertThat(filesIn(folder)).containsExactly(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"copy.pcap", "copy.pcapng"})
  void copiesPacketsOfAReaderWithTheirOriginalLength(String name) {
    Path target = folder.resolve(name);
    try (CaptureReader reader = CaptureReader.open(CaptureFilesTest.file("snapped.pcap"));
        CaptureWriter writer = CaptureWriter.create(target, LinkType.ETHERNET)) {
      while (reader.next()) {
        writer.write(reader.packet());
      }
      writer.commit();
    }
    try (CaptureReader copy = CaptureReader.open(target);
        CaptureReader reader = CaptureReader.open(CaptureFilesTest.file("snapped.pcap"))) {
      while (reader.next()) {
        assertThat(copy.next()).isTrue();
        assertThat(copy.packet().toBytes()).isEqualTo(reader.packet().toBytes());
        assertThat(copy.packet().originalLength()).isEqualTo(reader.packet().originalLength());
        assertThat(copy.packet().timestampNanos()).isEqualTo(reader.packet().timestampNanos());
      }
      assertThat(copy.next()).isFalse();
    }
  }

  @Test
  void leavesNothingBehindWithoutCommit() throws IOException {
    Path target = Files.writeString(folder.resolve("out.pcap"), "what was there");
    try (CaptureWriter writer = CaptureWriter.create(target, LinkType.ETHERNET)) {
      writer.write(new byte[2_000], 0);
    }
    assertThat(filesIn(folder)).containsExactly("out.pcap");
    assertThat(target).hasContent("what was there");
  }

  @Test
  void writesThroughALinkToTheFileBehindIt() throws IOException {
    Path file = Files.createFile(folder.resolve("file.pcap"));
    Path link = Files.createSymbolicLink(folder.resolve("link.pcap"), file);
    try (CaptureWriter writer = CaptureWriter.create(link, LinkType.ETHERNET)) {
      writer.commit();
    }
    assertThat(link).isSymbolicLink();
    assertThat(file).hasSize(24);
  }

  @Test
  void refusesWhatCannotBeWrittenBeforeAnyPacket() {
    assertProblem(folder, "is a folder, not a file to write to");
    assertProblem(folder.resolve("no/such/out.pcap"), "cannot be written: no such folder");
  }

  @Test
  void saysThatTheDiskIsFull() {
    Path full = Path.of("/dev/full");
    assumeThat(full).as("needs Linux's /dev/full").exists();
    try (CaptureWriter writer = CaptureWriter.create(full, LinkType.ETHERNET)) {
      writer.write(new byte[100], 0);
      assertThatThrownBy(writer::commit)
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("/dev/full");
    }
  }

  @Test
  void refusesAPacketThatNoReaderWouldTake() {
    try (CaptureWriter writer =
        CaptureWriter.create(folder.resolve("out.pcap"), LinkType.ETHERNET)) {
      assertThatThrownBy(() -> writer.write(new byte[CaptureReader.MAX_PACKET + 1], 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void assertProblem(Path path, String problem) {
    assertThatThrownBy(() -> CaptureWriter.create(path, LinkType.ETHERNET))
        .isInstanceOfSatisfying(
            CaptureException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private static List<String> filesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
