package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The examples give what Linux gave: `examples/expected` has, for each packet of each capture, the
/// return value, length and hash that BPF_PROG_TEST_RUN left.
class LinuxVerdictsTest {
  private static final Pattern PACKET =
      Pattern.compile("\"retval\":(-?\\d+),.*\"length\":(\\d+),\"hash\":\"([0-9a-f]{16})\"");

  static Stream<Path> recordings() throws IOException {
    try (Stream<Path> files = Files.list(Invocation.example("expected"))) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void everyPacketIsTreatedAsInLinux(Path recording) {
    String name = recording.getFileName().toString().replace(".txt", "");
    String example = name.substring(0, name.indexOf('-'));
    String capture = name.substring(name.indexOf('-') + 1);
    Invocation run =
        Invocation.of(
            "run",
            Invocation.example(example + "/" + example + ".bpf.o"),
            "--pcap",
            Invocation.example("captures/" + capture + ".pcap"),
            "--json",
            "--packets");
    assertThat(run.err()).isEmpty();
    assertThat(packets(run.out())).isEqualTo(lines(recording));
  }

  private static List<String> packets(String out) {
    List<String> packets = new ArrayList<>();
    for (String line : out.lines().toList()) {
      Matcher packet = PACKET.matcher(line);
      if (packet.find()) {
        packets.add("%s %s %s".formatted(packet.group(1), packet.group(2), packet.group(3)));
      }
    }
    return packets;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
