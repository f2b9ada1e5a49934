package org.ebpf4j.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Faults can still be planted: what they replace stands in the sources as these are now.
class PlantedFaultTest {
  private static final Path TREE = Path.of("..");

  static List<Path> faults() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("planted-faults"))) {
      return files.filter(file -> file.toString().endsWith(".fault")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void canBePlanted(Path file) throws IOException {
    PlantedFault fault = PlantedFault.read(file);
    String source = Files.readString(TREE.resolve(fault.file()));
    assertThat(fault.plant(source)).isNotEqualTo(source);
  }
}
