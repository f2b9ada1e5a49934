package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same operations on the same map in the JVM and in Linux, whose outcomes must be equal:
/// values, and errno for errno.
class MapDifferencesTest {
  private static final int SEEDS = 5;

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

  static List<MapSpec> maps() {
    int noPreallocation = 1;
    return List.of(
        MapSpec.of("array", MapType.ARRAY, 4, 12, 6),
        MapSpec.of("hash", MapType.HASH, 4, 12, 6),
        MapSpec.of("grown", MapType.HASH, 4, 12, 6).withFlags(noPreallocation),
        MapSpec.of("cpu_array", MapType.PERCPU_ARRAY, 4, 12, 6),
        MapSpec.of("cpu_hash", MapType.PERCPU_HASH, 4, 12, 6),
        MapSpec.of("trie", MapType.LPM_TRIE, 8, 12, 6).withFlags(noPreallocation),
        MapSpec.of("queue", MapType.QUEUE, 0, 12, 6),
        MapSpec.of("stack", MapType.STACK, 0, 12, 6));
  }

  @ParameterizedTest
  @MethodSource("maps")
  void bothHostsDoTheSame(MapSpec spec) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (BpfMap inLinux = linux.createMap(spec);
          BpfMap inJvm = jvm.createMap(spec)) {
        List<String> expected = new MapOperations(inLinux, seed).run();
        assertThat(new MapOperations(inJvm, seed).run())
            .as("%s, seed %d", spec.name(), seed)
            .isEqualTo(expected);
      }
    }
  }
}
