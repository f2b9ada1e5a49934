package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `ebpf run`: the first thing that people do, and everything that goes wrong with it.
class RunCommandTest {
  private static final Path FIREWALL = Invocation.example("firewall/firewall.bpf.o");

  /// The header of a pcap file of Ethernet packets, and no packet.
  private static final byte[] EMPTY_CAPTURE =
      HexFormat.of().parseHex("d4c3b2a1020004000000000000000000ffff000001000000");

  private static final Path WEB = Invocation.example("captures/web.pcap");

  @TempDir private Path folder;

  @Test
  void theFirewallPassesAndDropsPackets() {
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", WEB);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("XDP_PASS", "XDP_DROP", "ns per packet");
    // Enumerators by name, bytes in hex; of a per-CPU map the CPUs that have something.
    assertThat(run.out().lines())
        .contains(
            "event events: outcome=DROPPED_SOURCE version=4 protocol=6 source_port=45710"
                + " destination_port=80 length=74 source=cb007109000000000000000000000000"
                + " destination=c6336401000000000000000000000000",
            "  length=24 address=cb007100: action=BLOCK reserved=0 matches=20",
            "  PASSED: cpu 0: packets=189 bytes=72802");
  }

  @ParameterizedTest
  @CsvSource({
    "firewall, web.pcap",
    "flowtable, web.pcap",
    "balancer, web.pcap",
    "synguard, syn.pcap",
    "dnslog, dns.pcap",
    "dispatcher, mixed.pcapng",
  })
  void everyExampleRunsWithoutAFaultAndTheSameTwice(String example, String capture) {
    Object[] words = {
      "run",
      Invocation.example(example + "/" + example + ".bpf.o"),
      "--pcap",
      Invocation.example("captures/" + capture),
      "--json",
      "--packets"
    };
    Invocation first = Invocation.of(words);
    assertThat(first.err()).isEmpty();
    assertThat(first.code()).isZero();
    assertThat(first.out()).contains("\"faults\":0");
    assertThat(withoutTime(Invocation.of(words).out())).isEqualTo(withoutTime(first.out()));
  }

  private static String withoutTime(String json) {
    return json.replaceAll("\"ns_per_packet\":\\d+", "");
  }

  private static final Path SUBPROGRAMS =
      Path.of("..", "core/src/test/resources/objects/clang-19/subprograms.bpf.o");

  @Test
  void aSectionThatNamesNoTypeTakesOneFromTheCommandLine() {
    Object[] words = {"run", SUBPROGRAMS, "--program", "unknown_section", "--pcap", WEB};

    Invocation untyped = Invocation.of(words);
    assertThat(untyped.code()).isEqualTo(1);
    assertThat(untyped.err()).contains("section 'policy/check' names no program type", "--type");

    Invocation typed = Invocation.of(and(words, "--type", "xdp"));
    assertThat(typed.err()).isEmpty();
    assertThat(typed.out()).contains("XDP_ABORTED");

    Invocation wrong = Invocation.of(and(words, "--type", "policy"));
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("'policy' is no type that a section names: try xdp");
  }

  private static final Path CONTEXTS = Path.of("src/test/resources/contexts.bpf.o");

  /// For some programs, what they write there is all that they do.
  @Test
  void whatAProgramLeavesInItsContextIsShown() {
    Object[] words = {"run", CONTEXTS, "--program", "add", "--context", "0x02" + "00".repeat(15)};
    String after = "02000000000000000200000000000000";
    assertThat(Invocation.of(words).out()).startsWith("run 0: 0, context now 0x" + after);
    assertThat(Invocation.of(and(words, "--packets", "--json")).out().lines().findFirst())
        .hasValueSatisfying(line -> assertThat(line).contains("\"context\":\"" + after + "\""));
    Invocation unchanged =
        Invocation.of("run", CONTEXTS, "--program", "add", "--context", "0x" + "00".repeat(16));
    assertThat(unchanged.out()).doesNotContain("context now");
  }

  @Test
  void programsWithoutPacketsRunOverContexts() throws IOException {
    Object[] words = {"run", CONTEXTS, "--program", "count_flags"};
    String create = "0x" + "00".repeat(32) + "4102000000000000";
    Path read = Files.write(folder.resolve("read.bin"), new byte[64]);

    Invocation run =
        Invocation.of(and(words, "--context", create, "--context", read, "--context", create));
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("print: ", "openat with flags 241", "runs    3", "ns per run", "577: 2", "0: 1")
        .doesNotContain("packets");

    Invocation faulty = Invocation.of(and(words, "--context", create, "--max-instructions", "3"));
    assertThat(faulty.out()).contains("runs    1").doesNotContain("packet");
    assertThat(faulty.err())
        .startsWith("ebpf: run 0: program count_flags, instruction 3")
        .endsWith("ebpf: 1 of 1 runs ended in a fault\n");

    Invocation nothing = Invocation.of(words);
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err())
        .contains("give what to run over: --pcap with a capture, or --context");
    Invocation written = Invocation.of(and(words, "--context", create, "--out", "out.pcap"));
    assertThat(written.code()).isEqualTo(2);
    assertThat(written.err()).contains("--out takes packets");
    Invocation packets = Invocation.of(and(words, "--pcap", WEB));
    assertThat(packets.code()).isEqualTo(1);
    assertThat(packets.err()).contains("programs of this type take no packet");
  }

  @Test
  void packetsRunWithWhatTheContextSays() {
    Object[] words = {"run", CONTEXTS, "--program", "marked", "--pcap", WEB};

    assertThat(Invocation.of(words).out()).contains("TC_ACT_OK");
    // The mark is the third word of `struct __sk_buff`.
    assertThat(Invocation.of(and(words, "--context", "0x000000000000000007000000")).out())
        .contains("TC_ACT_TRAP");
  }

  @ParameterizedTest
  @CsvSource({
    "firewall, web.pcap",
    "flowtable, web.pcap",
    "balancer, web.pcap",
    "synguard, syn.pcap",
    "dnslog, dns.pcap",
    "dispatcher, mixed.pcapng",
  })
  void aRunGoesOnWithTheMapsOfTheOneBefore(String example, String capture) throws IOException {
    Object[] words = {
      "run",
      Invocation.example(example + "/" + example + ".bpf.o"),
      "--pcap",
      Invocation.example("captures/" + capture),
      "--json"
    };
    Path state = Files.writeString(folder.resolve("state.json"), Invocation.of(words).out());
    Path none = Files.write(folder.resolve("none.pcap"), EMPTY_CAPTURE);
    Object[] nothing = words.clone();
    nothing[3] = none;

    Invocation kept = Invocation.of(and(nothing, "--maps", state));
    assertThat(kept.err()).isEmpty();
    assertThat(maps(kept.out())).isEqualTo(maps(Files.readString(state)));
  }

  /// Of hashes, the elements have no order.
  @Test
  void saysInPlainWordsWhereJsonEndsTooSoon() throws IOException {
    Path maps = Files.writeString(folder.resolve("maps.json"), "[{");
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", WEB, "--maps", maps);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("maps.json: line 1: Unexpected end").doesNotContain("Source");
  }

  private static Map<Object, Set<Object>> maps(String json) {
    Map<Object, Set<Object>> maps = new HashMap<>();
    for (Object map : (List<?>) ((Map<?, ?>) JsonTree.parse(json)).get("maps")) {
      Map<?, ?> fields = (Map<?, ?>) map;
      maps.put(fields.get("name"), new HashSet<>((List<?>) fields.get("elements")));
    }
    return maps;
  }

  @Test
  void variablesAndMapsAreSetBeforeTheRun() throws IOException {
    Path maps =
        Files.writeString(
            folder.resolve("maps.json"),
            """
            [{"name": "sources4",
              "elements": [{"key": {"length": 8, "address": "127.0.0.0"}, "value": {"action": 1}}]},
             {"name": "ports", "elements": [{"key": "0x35", "value": 1}]},
             {"name": "outcomes", "elements": [{"key": "DROPPED_MALFORMED", "value": [{"packets": 7}]}]}]
            """);
    Invocation run =
        Invocation.of(
            "run", FIREWALL, "--pcap", WEB, "--maps", maps, "--set", "load_defaults=false");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains(
            "  length=8 address=7f000000: action=BLOCK",
            "  53: 1\n",
            "  DROPPED_MALFORMED: cpu 0: packets=7 bytes=0\n")
        .doesNotContain("8081: ");
  }

  private static Object[] and(Object[] words, Object... more) {
    return Stream.concat(Arrays.stream(words), Arrays.stream(more)).toArray();
  }

  private static final Path ITERATORS =
      Path.of("..", "conformance/src/test/resources/behaviour/iterators.bpf.o");

  @Test
  void iteratorsShowWhatThePacketsLeft() {
    Object[] words = {
      "run",
      ITERATORS,
      "--program",
      "counts",
      "--pcap",
      WEB,
      "--iterate",
      "elements:hash",
      "--iterate",
      "maps"
    };
    Invocation run = Invocation.of(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("iterator elements over map hash:\n", "iterator maps:\n")
        .containsPattern("  \\d: 0 is \\d+ 0\n")
        .containsPattern("  \\d: 1 is \\d+ 0\n")
        .contains("  end 1 of hash, 0\n")
        .containsPattern("  \\d+ hash 4 8 100\n");
    Object[] json = Arrays.copyOf(words, words.length + 1);
    json[words.length] = "--json";
    assertThat(Invocation.of(json).out())
        .contains(
            "\"iterators\":[{\"program\":\"elements\",\"map\":\"hash\",\"text\":\"0: ",
            "{\"program\":\"maps\",\"text\":\"");
  }

  @Test
  void iteratorsRunWithoutPackets() {
    Invocation run = Invocation.of("run", ITERATORS, "--iterate", "maps");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("program maps (iter/bpf_map) of ")
        .contains("iterator maps:\n")
        .containsPattern("  \\d+ hash 4 8 100\n")
        .doesNotContain("packets");
  }

  @Test
  void anIteratorSaysHowItIsRun() {
    Invocation run = Invocation.of("run", ITERATORS, "--program", "maps", "--pcap", WEB);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("ebpf: program maps is an iterator: run it with --iterate maps\n");
  }

  @ParameterizedTest
  @CsvSource({
    "counts:hash, no iterator named counts",
    "nothing, no iterator named nothing",
    "elements:nothing, no map nothing",
    "elements, needs a map to visit",
    "elements:queue, have no iterator",
  })
  void iteratorsThatCannotBeAreToldApart(String iterate, String reason) {
    Invocation run =
        Invocation.of("run", ITERATORS, "--program", "counts", "--pcap", WEB, "--iterate", iterate);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("ebpf: ").contains(reason);
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void printsALineForEachPacket() throws IOException {
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", WEB, "--json", "--packets");
    List<String> lines = run.out().lines().toList();
    assertThat(lines.getFirst())
        .matches(
            "\\{\"index\":0,\"retval\":\\d,\"verdict\":\"XDP_\\w+\",\"length\":\\d+,\"hash\":\"[0-9a-f]{16}\",\"fault\":null}");
    assertThat(lines.getLast()).contains("\"packets\":" + (lines.size() - 1) + ",");
  }

  @Test
  void writesWhatPasses() throws IOException {
    Path out = folder.resolve("out.pcap");
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", WEB, "--out", out, "--json");
    assertThat(run.code()).isZero();
    assertThat(Files.size(out)).isGreaterThan(24).isLessThan(Files.size(WEB) + 1);
  }

  @Test
  void saysThatPacketsBeginWithAnotherHeader() throws IOException {
    byte[] bytes = Files.readAllBytes(WEB);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(20, 113);
    Path cooked = Files.write(folder.resolve("cooked.pcap"), bytes);
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", cooked);
    assertThat(run.code()).isZero();
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("ebpf: note: ")
        .contains("Linux cooked", "Ethernet");
  }

  @Test
  void aTruncatedCaptureGivesWhatWasReadAndSaysSo() throws IOException {
    byte[] bytes = Files.readAllBytes(WEB);
    Path cut = folder.resolve("cut.pcap");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length / 2));
    Path out = folder.resolve("out.pcap");
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", cut, "--out", out);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("cut.pcap");
    assertThat(run.out()).contains("XDP_PASS");
    assertThat(out).exists();
  }

  @Test
  void noSuchObject() {
    fails(Invocation.of("run", "absent.bpf.o", "--pcap", WEB), "absent.bpf.o: no such file");
  }

  @Test
  void noSuchCapture() {
    fails(Invocation.of("run", FIREWALL, "--pcap", "absent.pcap"), "absent.pcap: no such file");
  }

  @Test
  void notAnObject() {
    fails(Invocation.of("run", WEB, "--pcap", WEB), "ELF");
  }

  @Test
  void anotherMachinesObject() throws IOException {
    byte[] bytes = Files.readAllBytes(FIREWALL);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putShort(18, (short) 62);
    Path other = Files.write(folder.resolve("x86.o"), bytes);
    fails(Invocation.of("run", other, "--pcap", WEB), "machine");
  }

  @Test
  void noSuchProgram() {
    fails(
        Invocation.of("run", FIREWALL, "--program", "absent", "--pcap", WEB),
        "no program named absent; it has firewall");
  }

  @Test
  void unwritableOutput() {
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", WEB, "--out", "/absent/out.pcap");
    fails(run, "/absent");
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jit", "interpreter"})
  void everyEngineGivesTheSame(String engine) {
    Invocation run = Invocation.of("run", FIREWALL, "--pcap", WEB, "--engine", engine);
    assertThat(run.code()).isZero();
    assertThat(afterTheTime(run))
        .isEqualTo(afterTheTime(Invocation.of("run", FIREWALL, "--pcap", WEB)));
  }

  private static List<String> afterTheTime(Invocation run) {
    return run.out().lines().filter(line -> !line.contains("ns ")).toList();
  }

  @Test
  void tooLittleMemoryForTheMaps() {
    fails(Invocation.of("run", FIREWALL, "--pcap", WEB, "--map-memory", "1K"), "ENOMEM");
  }

  @Test
  void anErrorIsJsonToo() {
    Invocation run = Invocation.of("run", "absent.bpf.o", "--pcap", WEB, "--json");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("{\"error\":{\"message\":\"absent.bpf.o: no such file")
        .endsWith("\"errno\":null}}\n");
  }

  @Test
  void withoutACaptureItSaysHowToUseIt() {
    Invocation run = Invocation.of("run", FIREWALL);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--pcap");
  }

  private static void fails(Invocation run, String reason) {
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("ebpf: ").contains(reason);
  }
}
