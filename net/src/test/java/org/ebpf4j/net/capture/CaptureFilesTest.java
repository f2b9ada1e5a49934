package org.ebpf4j.net.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Captures that tcpdump and editcap wrote, against what tshark prints of their frames.
final class CaptureFilesTest {
  static Path file(String name) {
    URL url = Objects.requireNonNull(CaptureFilesTest.class.getResource(name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private record Seen(long nanos, int length, long originalLength, int interfaceId) {}

  private static List<Seen> read(String name) {
    List<Seen> packets = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file(name))) {
      CapturedPacket packet = reader.packet();
      while (reader.next()) {
        assertThat(packet.linkType()).isEqualTo(LinkType.ETHERNET);
        packets.add(
            new Seen(
                packet.timestampNanos(),
                packet.length(),
                packet.originalLength(),
                packet.interfaceId()));
      }
      assertThat(reader.size()).hasValue(reader.bytesRead());
    }
    return packets;
  }

  @Test
  void readsMicroseconds() {
    assertThat(read("micro.pcap"))
        .containsExactly(
            new Seen(1795239334_762_142_000L, 42, 42, 0),
            new Seen(1795239334_762_170_000L, 42, 42, 0),
            new Seen(1795239334_762_179_000L, 74, 74, 0),
            new Seen(1795239334_762_194_000L, 74, 74, 0),
            new Seen(1795239334_762_207_000L, 66, 66, 0),
            new Seen(1795239334_762_317_000L, 142, 142, 0),
            new Seen(1795239334_762_334_000L, 66, 66, 0),
            new Seen(1795239334_765_769_000L, 253, 253, 0));
  }

  @Test
  void readsNanoseconds() {
    assertThat(read("nano.pcap"))
        .containsExactly(
            new Seen(1795239336_672_363_000L, 82, 82, 0),
            new Seen(1795239336_672_696_000L, 87, 87, 0),
            new Seen(1795239336_698_675_000L, 102, 102, 0),
            new Seen(1795239336_698_865_000L, 119, 119, 0),
            new Seen(1795239336_724_366_000L, 86, 86, 0),
            new Seen(1795239336_724_539_000L, 91, 91, 0));
  }

  @Test
  void readsPacketsThatASnapLengthCut() {
    assertThat(read("snapped.pcap"))
        .containsExactly(
            new Seen(1795239334_762_179_000L, 60, 74, 0),
            new Seen(1795239334_762_194_000L, 60, 74, 0),
            new Seen(1795239334_762_207_000L, 60, 66, 0),
            new Seen(1795239334_762_317_000L, 60, 142, 0),
            new Seen(1795239334_762_334_000L, 60, 66, 0),
            new Seen(1795239334_765_769_000L, 60, 253, 0));
  }

  @Test
  void readsTwoInterfaces() {
    assertThat(read("two-interfaces.pcapng"))
        .containsExactly(
            new Seen(1795239341_253_149_000L, 74, 74, 0),
            new Seen(1795239341_253_163_000L, 74, 74, 1),
            new Seen(1795239341_253_212_000L, 74, 74, 1),
            new Seen(1795239341_253_214_000L, 74, 74, 0),
            new Seen(1795239341_253_232_000L, 66, 66, 0),
            new Seen(1795239341_253_233_000L, 66, 66, 1),
            new Seen(1795239341_253_326_000L, 142, 142, 0),
            new Seen(1795239341_253_328_000L, 142, 142, 1));
  }
}
