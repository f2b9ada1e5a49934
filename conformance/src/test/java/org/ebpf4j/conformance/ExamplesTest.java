package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The examples treat every packet of the captures in the JVM as they do in this machine's kernel:
/// the same result, the same bytes, and the same maps afterwards. `synguard` is not among them: it
/// counts against the clock, which the kernel's runs take from the machine.
class ExamplesTest {
  private static LinuxHost linux;
  private static JvmHost jvm;

  @BeforeAll
  static void open() {
    linux = LinuxHosts.open();
    jvm = JvmHost.builder().cpus(linux.cpus()).build();
  }

  @AfterAll
  static void close() {
    if (linux != null) {
      linux.close();
      jvm.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"firewall", "flowtable", "balancer", "dnslog", "dispatcher"})
  void behavesTheSameInBothHosts(String example) {
    CollectionSpec spec = ExampleRun.example(example);
    for (String capture : ExampleRun.CAPTURES) {
      Path file = ExampleRun.capture(capture);
      assertThat(ExampleRun.of(jvm, spec, example, file))
          .as("%s on %s", example, capture)
          .isEqualTo(ExampleRun.of(linux, spec, example, file));
    }
  }
}
