package org.ebpf4j.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.abi.ProgramType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What results are called, and whether the packet goes on.
class VerdictsTest {
  @ParameterizedTest
  @CsvSource({
    "XDP, 0, XDP_ABORTED, false",
    "XDP, 3, XDP_TX, true",
    "SCHED_CLS, -1, TC_ACT_UNSPEC, true",
    "SCHED_CLS, 2, TC_ACT_SHOT, false",
    "LWT_XMIT, 0, BPF_OK, true",
    "LWT_IN, 2, BPF_DROP, false",
    "LWT_XMIT, 128, BPF_LWT_REROUTE, true",
    "FLOW_DISSECTOR, 0, BPF_OK, true",
    "FLOW_DISSECTOR, 2, BPF_DROP, false",
    "SK_MSG, 0, SK_DROP, false",
    "SK_REUSEPORT, 1, SK_PASS, true",
    "SK_SKB, 1, 1, true",
    "CGROUP_SKB, 1, PASS, true",
    "KPROBE, 7, 7, true",
  })
  void haveANameAndAnEffect(ProgramType type, long result, String name, boolean passes) {
    assertThat(Verdicts.name(type, result)).isEqualTo(name);
    assertThat(Verdicts.passes(type, result)).isEqualTo(passes);
  }
}
