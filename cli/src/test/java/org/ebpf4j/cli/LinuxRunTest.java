package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `ebpf run --host linux` gives what `--host jvm` gives.
class LinuxRunTest {
  private static final Pattern LINE = Pattern.compile("(?m)^\\{\"index\".*$");
  private static final Pattern VERDICTS = Pattern.compile("\"verdicts\":\\{[^}]*}");

  @BeforeEach
  void needsLinux() {
    LinuxNeeded.orSkip();
  }

  @ParameterizedTest
  @CsvSource({"firewall, web", "balancer, web", "dispatcher, dns", "dnslog, dns"})
  void everyPacketComesOutAsFromTheJvm(String example, String capture) {
    Invocation linux = run(example, capture, "linux");
    assertThat(linux.err()).isEmpty();
    assertThat(linux.code()).isZero();
    Invocation jvm = run(example, capture, "jvm");
    assertThat(all(LINE, linux)).isNotEmpty().isEqualTo(all(LINE, jvm));
    assertThat(all(VERDICTS, linux)).hasSize(1).isEqualTo(all(VERDICTS, jvm));
  }

  @Test
  void eventsComeFromTheKernelsRingBuffer() {
    assertThat(events(run("firewall", "web", "linux")))
        .isNotEmpty()
        .isEqualTo(events(run("firewall", "web", "jvm")));
  }

  /// Nothing is told of a run that did not begin.
  @Test
  void aProgramThatTakesNoPacketSaysSoAlone() {
    Invocation run =
        Invocation.of(
            "run",
            Path.of("../linux/src/test/resources/objects/sample.bpf.o"),
            "--program",
            "drain",
            "--pcap",
            Invocation.example("captures/web.pcap"),
            "--host",
            "linux");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo(
            "ebpf: program drain: programs of this type take no packet, only a context (EINVAL)\n");
  }

  /// Its programs are all to be named, here with a question mark before the section's name.
  @Test
  void programsThatMustBeNamedAreListed() {
    Invocation run =
        Invocation.of(
            "run",
            Path.of("../linux/src/test/resources/objects/optional.bpf.o"),
            "--pcap",
            Invocation.example("captures/web.pcap"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            "optional.bpf.o: its programs are not loaded unless named (first, second): choose one"
                + " with --program\n");
  }

  private static String events(Invocation run) {
    String summary = run.out().lines().toList().getLast();
    return summary.substring(summary.indexOf("\"events\":["), summary.indexOf("\"printed\":"));
  }

  private static java.util.List<String> all(Pattern pattern, Invocation run) {
    return pattern.matcher(run.out()).results().map(java.util.regex.MatchResult::group).toList();
  }

  private static Invocation run(String example, String capture, String host) {
    return Invocation.of(
        "run",
        Invocation.example(example + "/" + example + ".bpf.o"),
        "--pcap",
        Invocation.example("captures/" + capture + ".pcap"),
        "--host",
        host,
        "--json",
        "--packets");
  }
}
