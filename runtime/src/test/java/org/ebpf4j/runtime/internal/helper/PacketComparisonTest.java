package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Packet helpers against what Linux did with the same programs and the same packet.
class PacketComparisonTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final List<String[]> ROWS = rows();

  private static JvmHost host;
  private static LoadedCollection programs;

  @BeforeAll
  static void load() {
    host = JvmHost.builder().cpus(1).environment(FixedEnvironment.builder().build()).build();
    programs = host.load(CollectionReader.read("packets.bpf.o", bytes("packets.bpf.o")));
  }

  @AfterAll
  static void close() {
    programs.close();
    host.close();
  }

  static Stream<String> programs() {
    return ROWS.stream().skip(1).map(row -> row[0]);
  }

  @ParameterizedTest
  @MethodSource("programs")
  void doesAsLinux(String program) {
    String[] row =
        ROWS.stream().filter(candidate -> candidate[0].equals(program)).findFirst().orElseThrow();
    RunResult result =
        programs.program(program).run(RunInput.packet(HEX.parseHex(ROWS.getFirst()[2])));
    assertThat((int) result.returnValue()).isEqualTo(Integer.parseUnsignedInt(row[1]));
    byte[] expected = HEX.parseHex(row[2]);
    byte[] actual = result.data();
    if (program.startsWith("xdp")) {
      // Linux's test run gives the metadata in front of the packet.
      int metadata = ByteBuffer.wrap(result.context()).order(ByteOrder.nativeOrder()).getInt(0);
      expected = Arrays.copyOfRange(expected, metadata, expected.length);
    }
    if (program.startsWith("filter") || program.startsWith("cgroup")) {
      // Linux's test run gives zeros for the Ethernet header that these types do not see.
      Arrays.fill(actual, 0, 14, (byte) 0);
    }
    assertThat(HEX.formatHex(actual)).isEqualTo(HEX.formatHex(expected));
  }

  private static List<String[]> rows() {
    return new String(bytes("packets.tsv"), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t", -1))
        .toList();
  }

  private static byte[] bytes(String name) {
    try (InputStream stream =
        Objects.requireNonNull(
            PacketComparisonTest.class.getResourceAsStream("/objects/" + name))) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
