package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfWriter;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `ebpf btf dump` prints what bpftool prints.
class BtfCommandTest {
  private static final Path FIREWALL = Invocation.example("firewall/firewall.bpf.o");
  private static final Path KERNEL = Path.of("/sys/kernel/btf/vmlinux");

  @TempDir private Path folder;

  @Test
  void theRawFormatIsBpftools() {
    Invocation dump = Invocation.of("btf", "dump", "file", FIREWALL);
    assertThat(dump.err()).isEmpty();
    assertThat(dump.out())
        .contains(
            "[2] INT 'int' size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n",
            "[3] ARRAY '(anon)' type_id=2 index_type_id=4 nr_elems=11\n",
            "[10] STRUCT 'prefix4' size=8 vlen=2\n\t'length' type_id=11 bits_offset=0\n",
            "[22] VAR 'sources4' type_id=21, linkage=global\n",
            "[55] FUNC 'firewall' type_id=54 linkage=global\n",
            "\ttype_id=60 offset=0 size=13 (VAR 'LICENSE')\n");
  }

  @Test
  void jsonHasBpftoolsFields() {
    Invocation dump = Invocation.of("btf", "dump", "--json", "file", FIREWALL);
    assertThat(dump.out())
        .startsWith("{\"types\":[{\"id\":1,\"kind\":\"PTR\",\"name\":\"(anon)\",\"type_id\":3},")
        .contains("\"members\":[{\"name\":\"length\",\"type_id\":11,\"bits_offset\":0}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "json"})
  void bpftoolItselfPrintsTheSame(String form) throws IOException, InterruptedException {
    ToolNeeded.orSkip("bpftool", "to compare with");
    // As JSON, bpftool extends the sign of unsigned enumerators, of which the kernel has some.
    for (Path file : form.equals("json") ? List.of(FIREWALL) : List.of(FIREWALL, KERNEL)) {
      Assumptions.assumeTrue(
          Files.isReadable(file),
          file + " cannot be read: the kernel was built without CONFIG_DEBUG_INFO_BTF");
      List<String> words =
          form.equals("json")
              ? List.of("bpftool", "-j", "btf", "dump", "file", file.toString())
              : List.of("bpftool", "btf", "dump", "file", file.toString());
      Path expected = folder.resolve("expected");
      int code =
          new ProcessBuilder(words)
              .redirectOutput(expected.toFile())
              .redirectErrorStream(true)
              .start()
              .waitFor();
      assertThat(code).as("exit code of bpftool: " + Files.readString(expected)).isZero();
      Invocation dump =
          form.equals("json")
              ? Invocation.of("btf", "dump", "--json", "file", file)
              : Invocation.of("btf", "dump", "file", file);
      assertThat(dump.out().equals(Files.readString(expected, StandardCharsets.UTF_8)))
          .as(file + " as " + form)
          .isTrue();
    }
  }

  @Test
  void splitTypesStandOnTheirBase() throws IOException {
    Btf base = Btf.of(List.of(new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32)));
    Btf stored = BtfReader.read("base", new BtfWriter(base).toBytes());
    Btf split = Btf.split(stored, List.of(new BtfType.Typedef("number", 1)));
    Path baseFile = Files.write(folder.resolve("base"), new BtfWriter(base).toBytes());
    Path splitFile = Files.write(folder.resolve("split"), new BtfWriter(split).toBytes());
    Invocation dump = Invocation.of("btf", "dump", "file", splitFile, "base", baseFile);
    assertThat(dump.err()).isEmpty();
    assertThat(dump.out()).isEqualTo("[2] TYPEDEF 'number' type_id=1\n");
  }

  @Test
  void minWritesThePartThatAnObjectNeeds() throws IOException {
    Assumptions.assumeTrue(
        Files.isReadable(KERNEL),
        KERNEL + " cannot be read: the kernel was built without CONFIG_DEBUG_INFO_BTF");
    Path object = Path.of("src/test/resources/traced.bpf.o");
    Path out = folder.resolve("small.btf");
    Invocation min = Invocation.of("btf", "min", object, "-o", out);
    assertThat(min.code()).isZero();
    assertThat(min.out()).isEmpty();
    assertThat(Files.size(out)).isLessThan(Files.size(KERNEL) / 20);
    for (Path types : List.of(out, KERNEL)) {
      assertThat(Invocation.of("verify", "--btf", types, object).out())
          .contains("on_switch: accepted", "write_task: refused", "read_parent: accepted");
    }
  }

  @Test
  void minWithoutObjectsWritesWhatTheTablesNeed() throws IOException {
    Assumptions.assumeTrue(
        Files.isReadable(KERNEL),
        KERNEL + " cannot be read: the kernel was built without CONFIG_DEBUG_INFO_BTF");
    Path out = folder.resolve("tables.btf");
    assertThat(Invocation.of("btf", "min", "-o", out).code()).isZero();
    Btf part = BtfReader.read("tables", Files.readAllBytes(out));
    assertThat(part.find("task_struct", BtfType.Composite.class)).hasSize(1);
  }

  @Test
  void minNeedsAFileToWrite() {
    assertThat(Invocation.of("btf", "min", FIREWALL).code()).isEqualTo(2);
  }
}
