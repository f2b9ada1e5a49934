package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Host;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What helpers, kernel functions and maps do, seen from programs: written once, for every host.
/// Each program of the objects in `behaviour/` checks what it sees and returns 0, or the line of
/// the check that failed. Where a host does something else and is to, `differences.tsv` says why.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BehaviourTest {
  private static final Path FOLDER = Path.of("src/test/resources/behaviour");

  private static final List<String> OBJECTS =
      List.of(
          "arenas.bpf.o",
          "connections.bpf.o",
          "exceptions.bpf.o",
          "functions.bpf.o",
          "groups.bpf.o",
          "helpers.bpf.o",
          "maps.bpf.o",
          "masks.bpf.o",
          "network.bpf.o",
          "objects.bpf.o",
          "storage.bpf.o",
          "untrusted.bpf.o");

  /// What the JVM host says of programs beyond its verifier.
  private static final String UNDECIDED = "the verifier cannot judge it";

  private final Map<String, CollectionSpec> specs = new HashMap<>();
  private Host host;

  /// The host under test.
  abstract Host open();

  /// What `differences.tsv` calls it.
  String label() {
    return host.name();
  }

  /// How its programs are loaded.
  abstract LoadOptions options();

  @BeforeAll
  void openHost() {
    host = open();
  }

  @AfterAll
  void closeHost() {
    if (host != null) {
      host.close();
    }
  }

  static List<Arguments> programs() {
    List<Arguments> programs = new ArrayList<>();
    for (String object : OBJECTS) {
      for (ProgramSpec program :
          CollectionReader.read(FOLDER.resolve(object)).programs().values()) {
        if (program.autoload()) {
          programs.add(Arguments.of(object, program.name()));
        }
      }
    }
    return programs;
  }

  @ParameterizedTest
  @MethodSource("programs")
  void doesWhatTheProgramExpects(String object, String name) {
    Differences.of(label(), name)
        .ifPresent(reason -> assumeFalse(true, label() + " differs: " + reason));
    CollectionSpec spec =
        specs.computeIfAbsent(object, file -> CollectionReader.read(FOLDER.resolve(file)));
    try (LoadedCollection loaded = load(spec, name)) {
      BpfProgram program = loaded.program(name);
      assertThat((int) program.run(input(program.spec())).returnValue())
          .as("the line in %s whose check failed", object.replace(".o", ".c"))
          .isZero();
    }
  }

  private LoadedCollection load(CollectionSpec spec, String name) {
    try {
      return host.load(spec, options().withProgram(name));
    } catch (LoadException refused) {
      assumeFalse(String.valueOf(refused.getMessage()).contains(UNDECIDED), refused.getMessage());
      throw refused;
    }
  }

  private static RunInput input(ProgramSpec program) {
    return program.kind().type().orElseThrow() == ProgramType.SYSCALL
        ? RunInput.context(new byte[64])
        : RunInput.packet(Packets.udp());
  }
}
