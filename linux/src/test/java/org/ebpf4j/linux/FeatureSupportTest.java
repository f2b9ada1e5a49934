package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FeatureSupportTest {
  private static final FeatureSupport SUPPORTED = new FeatureSupport.Supported();

  private static LinuxHost host;

  @BeforeAll
  static void open() {
    host = Linux.host();
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOCKET_FILTER", "XDP", "SCHED_CLS", "KPROBE", "CGROUP_SOCK_ADDR"})
  void findsProgramTypes(ProgramType type) {
    assertThat(host.supports(type)).isEqualTo(SUPPORTED);
  }

  @Test
  void cannotTellWithoutATarget() {
    assertThat(host.supports(ProgramType.EXT)).isInstanceOf(FeatureSupport.Unknown.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"HASH", "LPM_TRIE", "RINGBUF", "ARRAY_OF_MAPS", "SK_STORAGE", "QUEUE"})
  void findsMapTypes(MapType type) {
    assertThat(host.supports(type)).isEqualTo(SUPPORTED);
  }

  @Test
  void tellsWhichProgramsMayCallAHelper() {
    int redirectMap = 51;
    int noSuchHelper = 1_000_000;
    assertThat(host.supports(ProgramType.XDP, redirectMap)).isEqualTo(SUPPORTED);
    assertThat(host.supports(ProgramType.SOCKET_FILTER, redirectMap))
        .isEqualTo(new FeatureSupport.Unsupported());
    assertThat(host.supports(ProgramType.XDP, noSuchHelper))
        .isEqualTo(new FeatureSupport.Unsupported());
  }
}
