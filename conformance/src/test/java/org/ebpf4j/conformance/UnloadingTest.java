package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.junit.jupiter.api.Test;

/// The classes of closed programs go.
class UnloadingTest {
  private static final int ROUNDS = 300;

  @Test
  void closedProgramsLeaveNoClasses() {
    ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
    CollectionSpec spec = CollectionReader.read(Path.of("../examples/firewall/firewall.bpf.o"));
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build()) {
      round(host, spec);
      System.gc();
      int before = classes.getLoadedClassCount();
      for (int i = 0; i < ROUNDS; i++) {
        round(host, spec);
      }
      System.gc();
      assertThat(classes.getLoadedClassCount() - before).isLessThan(ROUNDS / 10);
    }
  }

  private static void round(JvmHost host, CollectionSpec spec) {
    try (LoadedCollection loaded = host.load(spec)) {
      assertThat(loaded.program("firewall").execution().engine()).isEqualTo("jit");
      loaded.program("firewall").run(RunInput.packet(new byte[64]));
    }
  }
}
