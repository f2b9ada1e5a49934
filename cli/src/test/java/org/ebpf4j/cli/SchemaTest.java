package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What commands print with `--json` is as its schema says.
class SchemaTest {
  private static final Path FIREWALL = Invocation.example("firewall/firewall.bpf.o");
  private static final Path WEB = Invocation.example("captures/web.pcap");

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /// Fails unless the JSON is as the schema of this name says.
  static void check(String json, String schema) {
    String resource = "/schema/" + schema + ".schema.json";
    try (InputStream in = SchemaTest.class.getResourceAsStream(resource)) {
      Schema parsed =
          SCHEMAS.getSchema(
              new String(in.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);
      assertThat(parsed.validate("17", InputFormat.JSON)).as("what is checked at all").isNotEmpty();
      assertThat(parsed.validate(json, InputFormat.JSON)).as(json).isEmpty();
    } catch (IOException e) {
      throw new AssertionError(resource, e);
    }
  }

  private static void checkError(Object... words) {
    Invocation failed = Invocation.of(words);
    assertThat(failed.code()).isNotZero();
    assertThat(failed.err()).startsWith("ebpf: ");
    check(failed.out().lines().toList().getLast(), "error");
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
  void runs(String example, String capture) {
    Invocation run =
        Invocation.of(
            "run",
            Invocation.example(example + "/" + example + ".bpf.o"),
            "--pcap",
            Invocation.example("captures/" + capture),
            "--json",
            "--packets");
    List<String> lines = run.out().lines().toList();
    lines.subList(0, lines.size() - 1).forEach(line -> check(line, "run-packet"));
    check(lines.getLast(), "run-summary");
  }

  @Test
  void measurements() {
    Invocation bench =
        Invocation.of(
            "bench",
            FIREWALL,
            "--pcap",
            WEB,
            "--host",
            "jvm",
            "--engine",
            "interpreter,jit",
            "--memory",
            "segment",
            "--warm-up",
            "0",
            "--time",
            "0",
            "--json");
    assertThat(bench.err()).isEmpty();
    check(bench.out(), "bench");
  }

  @ParameterizedTest
  @CsvSource({
    "prog show, prog-show-file",
    "prog dump, prog-dump-file",
    "map show, map-show-file",
    "map dump, map-dump-file",
    "btf dump, btf-dump",
  })
  void showsAndDumpsOfFiles(String command, String schema) {
    String[] words = command.split(" ");
    for (String example : List.of("firewall", "balancer", "dispatcher")) {
      Path object = Invocation.example(example + "/" + example + ".bpf.o");
      check(Invocation.of(words[0], words[1], "file", object, "--json").out(), schema);
    }
  }

  @ParameterizedTest
  @CsvSource({"prog, prog-show", "map, map-show", "btf, btf-show"})
  void showsOfTheKernel(String noun, String schema) {
    LinuxNeeded.orSkip();
    check(Invocation.of(noun, "show", "--json").out(), schema);
  }

  @Test
  void verdicts() {
    Path faults = Path.of("src/test/resources/faults.bpf.o");
    Invocation verify = Invocation.of("verify", FIREWALL, WEB, faults, "--json");
    assertThat(verify.out().lines()).hasSizeGreaterThan(10);
    verify.out().lines().forEach(line -> check(line, "verify"));
  }

  @Test
  void errors() {
    checkError("run", "no-such-file.o", "--pcap", WEB, "--json");
    checkError("run", WEB, "--pcap", WEB, "--json");
    checkError("run", FIREWALL, "--pcap", FIREWALL, "--json");
    checkError("run", FIREWALL, "--pcap", WEB, "--map-memory", "1K", "--json");
    checkError("prog", "show", "file", WEB, "--json");
    checkError("btf", "dump", "file", WEB, "--json");
    checkError("bench", FIREWALL, "--program", "none", "--json");
    checkError("no-such-command", "--json");
  }
}
