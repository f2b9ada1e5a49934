package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/// `ebpf bench`: what it prints and draws. How long things take is nobody's claim here.
class BenchCommandTest {
  private static final Path FIREWALL = Invocation.example("firewall/firewall.bpf.o");
  private static final Path WEB = Invocation.example("captures/web.pcap");

  @TempDir private Path folder;

  private static Invocation bench(Object... more) {
    Object[] words = new Object[more.length + 6];
    Object[] first = {"bench", FIREWALL, "--warm-up", "0", "--time", "0"};
    System.arraycopy(first, 0, words, 0, first.length);
    System.arraycopy(more, 0, words, first.length, more.length);
    return Invocation.of(words);
  }

  @Test
  void aRowForEachSetting() throws Exception {
    Path picture = folder.resolve("picture.svg");
    Invocation bench =
        bench(
            "--pcap",
            WEB,
            "--host",
            "jvm",
            "--engine",
            "interpreter,jit",
            "--memory",
            "segment",
            "--svg",
            picture);
    assertThat(bench.err()).isEmpty();
    assertThat(bench.code()).isZero();
    assertThat(bench.out())
        .contains("program firewall: 64 packets", "ns per run", "\ninterpreter", "\njit, segment");
    Document svg =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(2);
    assertThat(svg.getElementsByTagName("path").getLength()).isEqualTo(2);
    assertThat(Files.readString(picture)).contains(">interpreter<", ">jit, segment<");
  }

  @Test
  void withoutACaptureItMakesAPacket() {
    Invocation bench = bench("--host", "jvm", "--engine", "interpreter", "--size", "1500");
    assertThat(bench.out()).contains("a packet of 1500 bytes");
  }

  /// Where nobody asked for Linux, what it has no test runs for is measured in the JVM alone.
  @Test
  void linuxIsLeftOutWhereItCannotRunTheProgram() {
    Path object = Path.of("src/test/resources/contexts.bpf.o");
    Invocation bench =
        Invocation.of(
            "bench",
            object,
            "--program",
            "count_flags",
            "--engine",
            "interpreter",
            "--warm-up",
            "0",
            "--time",
            "0");
    assertThat(bench.code()).isZero();
    assertThat(bench.out()).contains("\ninterpreter", "\nLinux left out: ");
    Invocation asked =
        Invocation.of("bench", object, "--program", "count_flags", "--host", "linux");
    assertThat(asked.code()).isEqualTo(1);
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(bench("--size", "13").err()).contains("--size is 42 to 65535, not 13");
    assertThat(bench("--program", "none").err()).contains("no program named none; it has firewall");
    assertThat(bench("--engine", "fast").err()).contains("--engine");
    Invocation unwritable =
        bench(
            "--host",
            "jvm",
            "--engine",
            "interpreter",
            "--svg",
            folder.resolve("no/such/folder.svg"));
    assertThat(unwritable.code()).isEqualTo(1);
    assertThat(unwritable.err()).startsWith("ebpf: cannot write ");
  }
}
