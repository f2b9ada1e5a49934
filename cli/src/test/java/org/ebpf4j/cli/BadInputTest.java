package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What `ebpf run` says to bad input: one line that says what and where, exit code 1, and nothing
/// half-written. The objects in `bad/` are compiled by `build.sh` there.
class BadInputTest {
  private static final Path FIREWALL = Invocation.example("firewall/firewall.bpf.o");
  private static final Path WEB = Invocation.example("captures/web.pcap");

  @TempDir private Path folder;

  private enum Case {
    NO_SUCH_FILE("absent.bpf.o: no such file"),
    NO_SUCH_CAPTURE("absent.pcap: no such file"),
    A_FOLDER("cannot be read: Is a directory"),
    NOT_AN_ELF_FILE("ELF"),
    WRONG_MACHINE("machine"),
    FOREIGN_ENDIAN("compiled for BIG_ENDIAN machines"),
    NO_PROGRAM("no program in it"),
    AMBIGUOUS_PROGRAM("several programs (passes, drops): choose one with --program"),
    NO_PROGRAM_OF_THIS_NAME("no program named absent; it has firewall"),
    UNKNOWN_MAP_TYPE("map strange: create failed: no map type has number 200 (EINVAL)"),
    UNKNOWN_HELPER("invalid func unknown#9999"),
    NOT_A_CAPTURE("firewall.bpf.o"),
    TRUNCATED_CAPTURE("cut.pcap"),
    UNWRITABLE_OUTPUT("out.pcap"),
    TOO_LITTLE_MAP_MEMORY(
        "map sources4: create failed: it takes 3584 bytes more, and 0 are in use (ENOMEM)"),
    TOO_MANY_MAPS("the host's limit of 1 maps is reached"),
    TOO_MANY_PROGRAMS("the host's limit of 0 programs is reached"),
    TOO_MANY_INSTRUCTIONS("243 of 243 packets ended in a fault"),
    TOO_LONG_A_PACKET("packet 2: program firewall: a packet of 74 bytes is over the limit of 60"),
    TOO_LONG_TO_VERIFY("BPF program is too large"),
    TOO_LITTLE_VERIFIER_MEMORY("the host's limit of memory for the verifier"),
    NO_SUCH_VARIABLE("--set absent: no global variable of this name"),
    NO_ASSIGNMENT("--set takes NAME=VALUE, not 'load_defaults'"),
    NO_SUCH_MAP("maps.json: map 0: no map named absent; it has sources4, "),
    NO_SUCH_FIELD("map 0, sources4: element 0: key: value.bits: no such field"),
    NO_JSON("maps.json: line 1: "),
    NOT_OF_THE_TYPE("map 0, ports: element 0: value: value: is a number"),
    NO_HEX("--context 0xq: two hex digits a byte after 0x"),
    NO_SUCH_CONTEXT("--context absent.bin: cannot be read (hex begins with 0x)"),
    TOO_LONG_A_CONTEXT("the context has 25 bytes; programs of this type have one of 24"),
    NO_NUMBER("--map-memory is a number of bytes such as 64M, not 'much'"),
    NO_REPEAT("--repeat is at least 1, not 0");

    private final String reason;

    Case(String reason) {
      this.reason = reason;
    }

    /// Whether the run begins, so that what it did before the trouble is told, too.
    boolean begins() {
      return this == TRUNCATED_CAPTURE
          || this == TOO_MANY_INSTRUCTIONS
          || this == TOO_LONG_A_PACKET;
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneClearLine(Case bad) throws Exception {
    Path out = folder.resolve("out.pcap");
    List<Object> words = new ArrayList<>(List.of("run"));
    words.addAll(words(bad));
    if (!words.contains("--out")) {
      words.addAll(List.of("--out", out));
    }
    Invocation run = Invocation.of(words.toArray());
    assertThat(run.code()).as(run.err()).isEqualTo(1);
    List<String> lines = run.err().lines().toList();
    assertThat(lines.getLast()).startsWith("ebpf: ").contains(bad.reason);
    if (bad.begins()) {
      assertThat(run.out()).contains(" packets");
    } else {
      assertThat(lines).hasSize(1);
      assertThat(run.out()).isEmpty();
      assertThat(out).doesNotExist();
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .isSubsetOf("out.pcap", "cut.pcap", "x86.o", "maps.json");
    }
  }

  private List<Object> words(Case bad) throws IOException {
    return switch (bad) {
      case NO_SUCH_FILE -> List.of("absent.bpf.o", "--pcap", WEB);
      case NO_SUCH_CAPTURE -> List.of(FIREWALL, "--pcap", "absent.pcap");
      case A_FOLDER -> List.of(folder, "--pcap", WEB);
      case NOT_AN_ELF_FILE -> List.of(WEB, "--pcap", WEB);
      case WRONG_MACHINE -> List.of(anotherMachines(), "--pcap", WEB);
      case FOREIGN_ENDIAN -> List.of(object("foreign"), "--pcap", WEB);
      case NO_PROGRAM -> List.of(object("mapsonly"), "--pcap", WEB);
      case AMBIGUOUS_PROGRAM -> List.of(object("twoprograms"), "--pcap", WEB);
      case NO_PROGRAM_OF_THIS_NAME -> List.of(FIREWALL, "--pcap", WEB, "--program", "absent");
      case UNKNOWN_MAP_TYPE -> List.of(object("unknownmap"), "--pcap", WEB);
      case UNKNOWN_HELPER -> List.of(object("unknownhelper"), "--pcap", WEB);
      case NOT_A_CAPTURE -> List.of(FIREWALL, "--pcap", FIREWALL);
      case TRUNCATED_CAPTURE -> List.of(FIREWALL, "--pcap", cut());
      case UNWRITABLE_OUTPUT ->
          List.of(FIREWALL, "--pcap", WEB, "--out", folder.resolve("absent/out.pcap"));
      case TOO_LITTLE_MAP_MEMORY -> List.of(FIREWALL, "--pcap", WEB, "--map-memory", "1K");
      case TOO_MANY_MAPS -> List.of(FIREWALL, "--pcap", WEB, "--max-maps", "1");
      case TOO_MANY_PROGRAMS -> List.of(FIREWALL, "--pcap", WEB, "--max-programs", "0");
      case TOO_MANY_INSTRUCTIONS ->
          List.of(FIREWALL, "--pcap", WEB, "--engine", "interpreter", "--max-instructions", "10");
      case TOO_LONG_A_PACKET -> List.of(FIREWALL, "--pcap", WEB, "--max-packet", "60");
      case TOO_LONG_TO_VERIFY -> List.of(FIREWALL, "--pcap", WEB, "--max-verified", "10");
      case TOO_LITTLE_VERIFIER_MEMORY -> List.of(FIREWALL, "--pcap", WEB, "--verifier-memory", "1");
      case NO_SUCH_VARIABLE -> List.of(FIREWALL, "--pcap", WEB, "--set", "absent=1");
      case NO_ASSIGNMENT -> List.of(FIREWALL, "--pcap", WEB, "--set", "load_defaults");
      case NO_SUCH_MAP ->
          List.of(FIREWALL, "--pcap", WEB, "--maps", maps("[{'name':'absent','elements':[]}]"));
      case NO_SUCH_FIELD ->
          List.of(FIREWALL, "--pcap", WEB, "--maps", element("sources4", "{'bits':1}", "{}"));
      case NO_JSON -> List.of(FIREWALL, "--pcap", WEB, "--maps", maps("[{"));
      case NOT_OF_THE_TYPE ->
          List.of(FIREWALL, "--pcap", WEB, "--maps", element("ports", "1", "[]"));
      case NO_HEX -> List.of(FIREWALL, "--pcap", WEB, "--context", "0xq");
      case NO_SUCH_CONTEXT -> List.of(FIREWALL, "--pcap", WEB, "--context", "absent.bin");
      case TOO_LONG_A_CONTEXT ->
          List.of(FIREWALL, "--pcap", WEB, "--context", "0x" + "00".repeat(25));
      case NO_NUMBER -> List.of(FIREWALL, "--pcap", WEB, "--map-memory", "much");
      case NO_REPEAT -> List.of(FIREWALL, "--pcap", WEB, "--repeat", "0");
    };
  }

  private Path element(String map, String key, String value) throws IOException {
    return maps("[{'name':'%s','elements':[{'key':%s,'value':%s}]}]".formatted(map, key, value));
  }

  private Path maps(String json) throws IOException {
    return Files.writeString(folder.resolve("maps.json"), json.replace('\'', '"'));
  }

  private static Path object(String name) {
    URL found = BadInputTest.class.getResource("bad/" + name + ".bpf.o");
    try {
      return Path.of(Objects.requireNonNull(found, name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private Path anotherMachines() throws IOException {
    byte[] bytes = Files.readAllBytes(FIREWALL);
    int machine = 18;
    int x86 = 62;
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putShort(machine, (short) x86);
    return Files.write(folder.resolve("x86.o"), bytes);
  }

  private Path cut() throws IOException {
    byte[] bytes = Files.readAllBytes(WEB);
    return Files.write(folder.resolve("cut.pcap"), Arrays.copyOf(bytes, bytes.length / 2));
  }
}
