package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ebpf4j.linux.LinuxAvailability;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command says of programs, maps and types in Linux what bpftool says, in text and field by
/// field in JSON, and its JSON keeps to the schemas.
class BpftoolTest {
  private static final Path FOLDER = Path.of("/sys/fs/bpf/ebpf4j-bpftool-test");
  private static final Path PROGRAM = FOLDER.resolve("firewall");

  @BeforeEach
  void load() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        LinuxAvailability.probe() instanceof LinuxAvailability.Available,
        "programs cannot be loaded into Linux here");
    Assumptions.assumeTrue(
        run("bpftool", "version").code() == 0, "bpftool is not here to compare with");
    Assumptions.assumeTrue(
        Files.isDirectory(FOLDER.getParent())
            && Files.getFileStore(FOLDER.getParent()).type().equals("bpf"),
        "no BPF file system is mounted at /sys/fs/bpf");
    done(
        "prog",
        "loadall",
        Invocation.example("firewall/firewall.bpf.o"),
        FOLDER,
        "pinmaps",
        FOLDER);
  }

  @AfterEach
  void unpin() throws IOException {
    if (Files.isDirectory(FOLDER)) {
      try (Stream<Path> pins = Files.list(FOLDER)) {
        for (Path pin : pins.toList()) {
          Files.delete(pin);
        }
      }
      Files.delete(FOLDER);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "prog,firewall",
    "map,ports",
    "map,sources4",
    "map,outcomes",
    "map,events",
    "map,firewall_rodata"
  })
  void showsWhatBpftoolShows(String noun, String pin) throws Exception {
    String path = FOLDER.resolve(pin).toString();
    assertThat(done(noun, "show", "pinned", path))
        .isEqualTo(run("bpftool", noun, "show", "pinned", path).out());
    String json = done(noun, "show", "pinned", path, "--json");
    SchemaTest.check(json, noun + "-show");
    Object theirs = JsonTree.parse(run("bpftool", "-j", noun, "show", "pinned", path).out());
    assertThat((List<?>) JsonTree.parse(json)).isEqualTo(List.of(theirs));
  }

  @Test
  void listsTypesWithTheirUsers() throws Exception {
    String id = String.valueOf(programFields().get("btf_id"));
    assertThat(done("btf", "show", "id", id))
        .isEqualTo(sorted(run("bpftool", "btf", "show", "id", id).out()));
    SchemaTest.check(done("btf", "show", "--json"), "btf-show");
    assertThat(done("btf", "dump", "id", id))
        .isEqualTo(run("bpftool", "btf", "dump", "id", id).out());
    assertThat(done("btf", "dump", "prog", "pinned", PROGRAM))
        .isEqualTo(run("bpftool", "btf", "dump", "prog", "pinned", PROGRAM.toString()).out());
  }

  /// Bpftool lists the ids of maps in no order.
  private static String sorted(String line) {
    int at = line.indexOf("map_ids ") + "map_ids ".length();
    List<String> ids =
        Stream.of(line.substring(at).strip().split(",", -1))
            .sorted((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)))
            .toList();
    return line.substring(0, at) + String.join(",", ids) + "\n";
  }

  @Test
  void dumpsTheInstructionsThatBpftoolDumps() throws Exception {
    String path = PROGRAM.toString();
    long theirs =
        run("bpftool", "prog", "dump", "xlated", "pinned", path)
            .out()
            .lines()
            .filter(line -> line.matches(" *[0-9]+: \\(..\\).*"))
            .count();
    long ours =
        done("prog", "dump", "xlated", "pinned", path)
            .lines()
            .filter(line -> line.matches(" *[0-9]+:.*"))
            .count();
    assertThat(ours).isEqualTo(theirs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ports", "outcomes", "sources4"})
  void dumpsElementsAsBpftoolDoes(String pin) throws Exception {
    if (pin.equals("ports")) {
      done(
          "map",
          "update",
          "pinned",
          FOLDER.resolve(pin),
          "key",
          80,
          0,
          "value",
          1,
          0,
          0,
          0,
          0,
          0,
          0,
          0);
    }
    String path = FOLDER.resolve(pin).toString();
    String json = done("map", "dump", "pinned", path, "--json");
    SchemaTest.check(json, "map-dump");
    List<?> theirs =
        (List<?>) JsonTree.parse(run("bpftool", "-j", "map", "dump", "pinned", path).out());
    assertThat((List<?>) JsonTree.parse(json)).hasSameSizeAs(theirs);
  }

  @Test
  void knowsTheKernelAtLeastAsWellAsBpftool() throws Exception {
    String json = done("feature", "probe", "--json");
    SchemaTest.check(json, "feature-probe");
    Map<?, ?> ours = (Map<?, ?>) JsonTree.parse(json);
    Map<?, ?> theirs =
        (Map<?, ?>) JsonTree.parse(run("bpftool", "-j", "feature", "probe", "kernel").out());
    List<String> differences = new ArrayList<>();
    theirs.forEach((group, fields) -> {
      if (!group.equals("helpers")) { // older ones take each refusal of a newer kernel for a yes
        ((Map<?, ?>) fields)
            .forEach((field, value) -> {
              Object mine = ((Map<?, ?>) ours.get(group)).get(field);
              if (value == null ? mine != null : !value.equals(mine)) {
                differences.add(group + "." + field);
              }
            });
      }
    });
    // Bpftool tries tracing by fentry, which some kernels refuse; tp_btf is of the same type.
    assertThat(differences).isSubsetOf("program_types.have_tracing_prog_type");
  }

  @Test
  void theFieldsOfAProgramAreThoseOfTheKernel() {
    assertThat(programFields().get("name")).isEqualTo("firewall");
    assertThat(programFields().get("type")).isEqualTo("xdp");
    assertThat((List<?>) programFields().get("map_ids")).isNotEmpty();
  }

  private static Map<?, ?> programFields() {
    Object shown = JsonTree.parse(done("prog", "show", "pinned", PROGRAM, "--json"));
    return (Map<?, ?>) ((List<?>) shown).getFirst();
  }

  private static String done(Object... words) {
    Invocation invocation = Invocation.of(words);
    assertThat(invocation.err()).isEmpty();
    assertThat(invocation.code()).isZero();
    return invocation.out();
  }

  private record Run(int code, String out) {}

  private static Run run(String... command) throws IOException, InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Run(process.waitFor(), out);
    } catch (FileSystemException notThere) {
      return new Run(-1, "");
    }
  }
}
