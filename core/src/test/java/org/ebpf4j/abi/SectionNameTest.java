package org.ebpf4j.abi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SectionNameTest {

  @ParameterizedTest
  @CsvSource({
    "xdp, XDP, XDP, ''",
    "xdp.frags/cpumap, XDP, XDP_CPUMAP, ''",
    "tc, SCHED_CLS, , ''",
    "tcx/ingress, SCHED_CLS, TCX_INGRESS, ''",
    "kprobe/do_sys_open, KPROBE, , do_sys_open",
    "kprobe.multi/tcp_*, KPROBE, TRACE_KPROBE_MULTI, tcp_*",
    "tp/sched/sched_switch, TRACEPOINT, , sched/sched_switch",
    "raw_tp.w/x, RAW_TRACEPOINT_WRITABLE, , x",
    "fentry.s/vfs_read, TRACING, TRACE_FENTRY, vfs_read",
    "uprobe//usr/bin/true:main, KPROBE, , /usr/bin/true:main",
    "cgroup/connect4, CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT, ''",
    "struct_ops.s, STRUCT_OPS, , ''",
  })
  void givesTypeHookAndTarget(String section, ProgramType type, AttachType attach, String target) {
    SectionName row = SectionName.of(section).orElseThrow();

    assertThat(row.type()).isEqualTo(type);
    assertThat(row.attach().orElse(null)).isEqualTo(attach);
    assertThat(row.target(section)).isEqualTo(target);
  }

  @ParameterizedTest
  @CsvSource({
    "xdp_prog, XDP, XDP",
    "xdp/entry, XDP, XDP",
    "xdp.frags_2, XDP, XDP",
    "tc/entry, SCHED_CLS, ",
    "tc_ingress, SCHED_CLS, ",
    "classifier/egress, SCHED_CLS, ",
    "socket1, SOCKET_FILTER, ",
    "cgroup/skb1, CGROUP_SKB, ",
    "sockops/parse, SOCK_OPS, CGROUP_SOCK_OPS",
  })
  void takesNamesThatBeginWithAnother(String section, ProgramType type, AttachType attach) {
    SectionName row = SectionName.of(section).orElseThrow();

    assertThat(row.type()).isEqualTo(type);
    assertThat(row.attach().orElse(null)).isEqualTo(attach);
    assertThat(row.target(section)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"xdpdump", "kprobes/x", "tcx", "tcp_rtt", "policy/check", "''", "cgroup/unknown"})
  void doesNotKnowOthers(String section) {
    assertThat(SectionName.of(section)).isEmpty();
  }

  @Test
  void tellsSleepableAndFrags() {
    assertThat(SectionName.of("lsm.s/file_open").orElseThrow().sleepable()).isTrue();
    assertThat(SectionName.of("lsm/file_open").orElseThrow().sleepable()).isFalse();
    assertThat(SectionName.of("syscall").orElseThrow().sleepable()).isTrue();
    assertThat(SectionName.of("xdp.frags").orElseThrow().frags()).isTrue();
    assertThat(SectionName.of("xdp").orElseThrow().frags()).isFalse();
  }
}
