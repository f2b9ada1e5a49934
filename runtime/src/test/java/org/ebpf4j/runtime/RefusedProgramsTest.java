package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.ebpf4j.LoadException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What never runs: `refusals.txt` lists reserved and unsound encodings, and the refusal names the
/// slot and the field.
class RefusedProgramsTest {

  static List<String> rows() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                RefusedProgramsTest.class.getResourceAsStream("refusals.txt"),
                StandardCharsets.UTF_8))) {
      return in.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void refusesAndSaysWhere(String row) {
    String[] sides = row.split("->");
    String[] place = sides[1].strip().split(" ");
    long[] slots = Stream.of(sides[0].split(";")).mapToLong(RefusedProgramsTest::slot).toArray();
    try (JvmHost host = JvmHost.builder().cpus(1).memoryProgramType("memory").build()) {
      CollectionSpec spec =
          CollectionSpec.of(Programs.program("test", "memory", Bytecode.of(slots), List.of()));
      assertThatThrownBy(() -> host.load(spec))
          .isInstanceOfSatisfying(
              LoadException.class, refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL))
          .hasMessageContaining("instruction %s, %s: ".formatted(place[0], place[1]));
    }
  }

  private static long slot(String text) {
    String[] fields = text.strip().split(" ");
    return Bytecode.slot(
        Integer.parseInt(fields[0], 16),
        Integer.parseInt(fields[1]),
        Integer.parseInt(fields[2]),
        Short.parseShort(fields[3]),
        Integer.parseInt(fields[4]));
  }
}
