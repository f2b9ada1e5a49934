package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.LinkTarget;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLink;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command says of programs, maps and types in Linux what bpftool says, in text and field by
/// field in JSON, and its JSON keeps to the schemas.
class BpftoolTest {
  private static final Path FOLDER = Path.of("/sys/fs/bpf/ebpf4j-bpftool-test");
  private static final Path PROGRAM = FOLDER.resolve("firewall");

  /// Returns 0.
  private static final CollectionSpec RAW_TRACEPOINT =
      CollectionSpec.of(
          ProgramSpec.of(
              "sees",
              ProgramType.RAW_TRACEPOINT,
              Bytecode.of(
                  Bytecode.slot(0xb7, 0, 0, (short) 0, 0),
                  Bytecode.slot(0x95, 0, 0, (short) 0, 0))));

  @TempDir private Path folder;

  @BeforeEach
  void load() throws IOException, InterruptedException {
    LinuxNeeded.orSkip();
    ToolNeeded.orSkip("bpftool", "to compare with");
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
    assertThat(JsonTree.parse(json)).isEqualTo(theirs);
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
  void writesTheInstructionsToFiles() throws Exception {
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    String dump = "prog dump xlated pinned F/firewall file ";
    done(words(dump + ours));
    run(with("bpftool", words(dump + theirs)));
    assertThat(ours).hasSameBinaryContentAs(theirs);
    done(words("prog dump jited pinned F/firewall file " + ours));
    assertThat(programFields().get("bytes_jited")).isEqualTo(Files.size(ours));
  }

  @Test
  void showsLinksAsBpftoolDoes() throws Exception {
    try (LinuxHost host = LinuxHost.open();
        LoadedCollection loaded = host.load(RAW_TRACEPOINT)) {
      LinuxProgram sees = (LinuxProgram) loaded.program("sees");
      LinuxLink link = host.attach(sees, new LinkTarget.RawTracepoint("task_rename"));
      Path pin = FOLDER.resolve("link");
      done("link", "pin", "id", link.id(), pin);
      String json = done("-jf", "link", "show", "pinned", pin);
      SchemaTest.check(json, "link-show");
      Map<?, ?> ours = (Map<?, ?>) JsonTree.parse(json);
      Map<?, ?> theirs =
          (Map<?, ?>)
              JsonTree.parse(run("bpftool", "-jf", "link", "show", "pinned", pin.toString()).out());
      assertThat(ours.get("id")).isEqualTo(theirs.get("id"));
      assertThat(ours.get("type")).isEqualTo(theirs.get("type"));
      assertThat(ours.get("prog_id")).isEqualTo(theirs.get("prog_id"));
      assertThat(ours.get("pinned")).isEqualTo(List.of(pin.toString()));
      Invocation detached = Invocation.of("link", "detach", "pinned", pin);
      assertThat(detached.code()).isEqualTo(1);
      assertThat(detached.err()).contains("EOPNOTSUPP", "close it instead").hasLineCount(1);
    }
  }

  @Test
  void definesWhatBpftoolDefines() throws Exception {
    List<String> ours = definitions(done("feature", "probe", "macros", "prefix", "X_"));
    List<String> theirs =
        definitions(run("bpftool", "feature", "probe", "kernel", "macros", "prefix", "X_").out());
    // Of tracing programs, see below; others are newer than bpftool, or older ones guess.
    List<String> missing = new ArrayList<>(theirs);
    missing.removeIf(line -> line.contains("__HELPER_") || line.contains("TRACING"));
    assertThat(ours).containsAll(missing);
    assertThat(ours).anyMatch(line -> line.contains("X_BPF__PROG_TYPE_xdp__HELPER_bpf_redirect 1"));
  }

  private static List<String> definitions(String text) {
    return text.lines().filter(line -> line.startsWith("#define X_")).toList();
  }

  /// Options before the noun, names of pins, and every verb that only looks; typed maps, per-CPU
  /// maps and variables.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "prog show pinned F/firewall",
        "map show pinned F/ports",
        "map dump pinned F/ports",
        "map dump pinned F/outcomes",
        "map dump pinned F/sources4",
        "map dump pinned F/firewall_rodata",
        "map lookup pinned F/ports key 80 0",
        "map lookup pinned F/ports key hex 50 00",
        "map getnext pinned F/ports",
        "btf dump map pinned F/sources4",
        "btf dump map pinned F/sources4 key",
        "btf dump map pinned F/sources4 value",
        "btf dump map pinned F/sources4 kv",
        "btf dump map pinned F/sources4 all",
        "map getnext pinned F/ports key 0x00 0",
        "prog dump xlated pinned F/firewall",
        "prog dump xlated pinned F/firewall opcodes",
        "prog dump xlated pinned F/firewall linum",
      })
  void saysInJsonAndInTextWhatBpftoolSays(String words) throws Exception {
    done(words("map update pinned F/ports key 80 0 value 1 0 0 0 0 0 0 0"));
    String[] command = words(words);
    String json = done(with("-jf", command));
    Object ours = JsonTree.parse(plain(json));
    Object theirs = JsonTree.parse(plain(run(with("bpftool", with("-jf", command))).out()));
    assertThat(ours).isEqualTo(theirs);
    assertThat(plain(done(with("-f", command))))
        .isEqualToIgnoringWhitespace(plain(run(with("bpftool", with("-f", command))).out()));
    assertThat(JsonTree.parse(plain(done(with("-pf", command))))).isEqualTo(ours);
    if (words.contains("dump") && !words.startsWith("btf")) {
      SchemaTest.check(json, words.startsWith("map") ? "map-dump" : "prog-dump-xlated");
    }
  }

  /// Of a program array, what its programs are like; keys of maps of CPUs where there is nothing;
  /// and values of maps without keys.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "map show pinned F/handlers",
        "map dump pinned F/cpus",
        "map peek pinned F/numbers",
        "map show pinned F/cpus",
        "map show name e4j_numbers",
      })
  void showsUnusualMapsAsBpftoolDoes(String words) throws Exception {
    done(
        "prog",
        "load",
        Invocation.example("dispatcher/dispatcher.bpf.o"),
        FOLDER.resolve("dispatcher"),
        "pinmaps",
        FOLDER,
        "--program",
        "dispatcher");
    done(words("map create F/cpus type cpumap key 4 value 4 entries 2 name cpus"));
    done(words("map create F/numbers type queue value 4 entries 2 name e4j_numbers"));
    done(words("map push pinned F/numbers value 1 2 3 4"));
    String[] command = words(words);
    assertThat(done(command)).isEqualTo(run(with("bpftool", command)).out());
    Object theirs = JsonTree.parse(run(with("bpftool", with("-j", command))).out());
    String ours = done(with("-j", command));
    assertThat(JsonTree.parse(ours.replace("no such file", "No such file"))).isEqualTo(theirs);
    SchemaTest.check(
        ours.startsWith("[") || words.contains("show") ? ours : "[" + ours + "]",
        words.contains("show") ? "map-show" : "map-dump");
  }

  /// Lines of bytes or fields of JSON; how long it took differs.
  @ParameterizedTest
  @ValueSource(strings = {"", " repeat 10", " data_out -", " data_out - data_size_out 64"})
  void runsAsBpftoolDoes(String more) throws Exception {
    Path packet = Files.write(folder.resolve("packet"), new byte[61]);
    String[] command = words("prog run pinned F/firewall data_in " + packet + more);
    assertThat(timeless(done(command)))
        .isEqualTo(timeless(run(with("bpftool", command)).out()))
        .contains("Return value: ");
    assertThat(timeless(done(with("-j", command))))
        .isEqualToIgnoringWhitespace(timeless(run(with("bpftool", with("-j", command))).out()));
  }

  private static String timeless(String shown) {
    return shown.replaceAll("(duration[^0-9]*)\\d+", "$1");
  }

  @Test
  void saysNullInJsonWhereThereIsNothingToSay() throws Exception {
    for (String words :
        List.of(
            "-j map update pinned F/ports key 80 0 value 1 0 0 0 0 0 0 0",
            "-j map delete pinned F/ports key 80 0",
            "-j map pin pinned F/ports F/again",
            "-j prog pin pinned F/firewall F/same")) {
      assertThat(done(words(words))).as(words).isEqualTo("null\n");
    }
  }

  /// What C needs for keys and values, and nothing else.
  @Test
  void printsTheTypesThatAMapNeedsAsC() throws Exception {
    String[] command = words("btf dump map pinned F/sources4 format c");
    String ours = done(command);
    String theirs = run(with("bpftool", command)).out();
    assertThat(definitions(ours, "struct ")).isEqualTo(definitions(theirs, "struct "));
    assertThat(definitions(ours, "typedef ")).isEqualTo(definitions(theirs, "typedef "));
    assertThat(theirs).contains("struct ");
  }

  private static List<String> definitions(String c, String kind) {
    return c.lines()
        .filter(line -> line.startsWith(kind))
        .filter(l -> !l.matches("struct \\w+;"))
        .toList();
  }

  /// Bpftool's graph has the same boxes and words, with slots counted from the function on; of its
  /// edges some are doubled, and go from jumps that are taken to where they would go otherwise.
  @Test
  void drawsTheBoxesThatBpftoolDraws() throws Exception {
    String[] command = words("prog dump xlated pinned F/firewall visual");
    List<String> ours = boxes(done(command));
    assertThat(ours).hasSizeGreaterThan(20);
    assertThat(ours).isEqualTo(boxes(run(with("bpftool", command)).out()));
  }

  private static List<String> boxes(String graph) {
    return plain(graph.replace("\\&", "&"))
        .lines()
        .filter(line -> !line.contains(" -> "))
        .map(line -> line.replaceAll("pc\\+(\\d+)#\\w+", "pc+$1"))
        .map(line -> line.replaceFirst("\\d+: ", ""))
        .map(line -> line.replaceFirst("\\{ +\\(", "{(").replaceFirst(" \\| +", " | "))
        .toList();
  }

  /// `F/` stands for the folder of pins.
  private static String[] words(String words) {
    return words.replace("F/", FOLDER + "/").split(" ", -1);
  }

  private static String[] with(String first, String... words) {
    return Stream.concat(Stream.of(first), Stream.of(words)).toArray(String[]::new);
  }

  /// Bpftool names functions of programs as the kernel's symbols do, and older ones know no
  /// addresses that are one for each CPU.
  private static String plain(String shown) {
    return shown
        .replaceAll("#bpf_prog_[0-9a-f]{16}_", "#")
        .replaceAll("&\\(void __percpu \\*\\)\\((r\\d)\\)", "$1");
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
    return (Map<?, ?>) shown;
  }

  private static String done(String... words) {
    return done((Object[]) words);
  }

  private static String done(Object... words) {
    Invocation invocation = Invocation.of(words);
    assertThat(invocation.err()).isEmpty();
    assertThat(invocation.code()).isZero();
    return invocation.out();
  }

  private record Run(int code, String out) {}

  private static Run run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out);
  }
}
