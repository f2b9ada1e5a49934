package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.abi.ProgramTypes.PacketAccess;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Which of Linux's program types run: with the input that is theirs, to a result of 32 bits.
class ProgramTypeTest {

  private static long run(ProgramType type, String text) {
    ProgramSpec program = ProgramSpec.of("test", type, Assembler.assemble(text));
    // Callers give socket operations a context alone, without the segment behind it.
    boolean packet =
        type == ProgramType.NETFILTER
            || (ProgramTypes.of(type).packet() != PacketAccess.NONE
                && type != ProgramType.SOCK_OPS);
    try (JvmHost host = JvmHost.builder().cpus(1).build();
        LoadedCollection loaded =
            host.load(CollectionSpec.of(List.of(), List.of(program)), Programs.UNVERIFIED)) {
      RunInput input = packet ? RunInput.packet(new byte[64]) : RunInput.none();
      return loaded.program("test").run(input).returnValue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "XDP",
        "SCHED_CLS",
        "SCHED_ACT",
        "SOCKET_FILTER",
        "CGROUP_SKB",
        "LWT_IN",
        "LWT_OUT",
        "LWT_XMIT",
        "LWT_SEG6LOCAL",
        "FLOW_DISSECTOR",
        "KPROBE",
        "TRACEPOINT",
        "PERF_EVENT",
        "RAW_TRACEPOINT",
        "RAW_TRACEPOINT_WRITABLE",
        "SK_LOOKUP",
        "CGROUP_SOCK",
        "SOCK_OPS",
        "CGROUP_DEVICE",
        "LIRC_MODE2",
        "CGROUP_SOCK_ADDR",
        "CGROUP_SYSCTL",
        "SYSCALL",
        "SK_SKB",
        "SK_MSG",
        "SK_REUSEPORT",
        "CGROUP_SOCKOPT",
        "TRACING",
        "STRUCT_OPS",
        "LSM",
        "NETFILTER"
      })
  void runsWithItsInput(ProgramType type) {
    assertThat(run(type, "r0 = 1\nexit")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = "EXT")
  void saysWhichTypesDoNotRun(ProgramType type) {
    assertThatThrownBy(() -> run(type, "r0 = 1\nexit"))
        .isInstanceOf(RunException.class)
        .hasMessageContaining(type.name().toLowerCase(java.util.Locale.ROOT));
  }

  @ParameterizedTest
  @CsvSource({
    "CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT, bind, true",
    "CGROUP_SOCK_ADDR, CGROUP_INET4_BIND, bind, false",
    "CGROUP_SOCKOPT, CGROUP_SETSOCKOPT, setsockopt, true",
    "CGROUP_SOCKOPT, CGROUP_GETSOCKOPT, setsockopt, false"
  })
  void hooksSayWhichHelpersThereAre(
      ProgramType type, AttachType hook, String helper, boolean there) {
    String call = "call " + Helpers.byName(helper).orElseThrow().id() + "\nr0 = 1\nexit";
    ProgramSpec.ProgramKind kind =
        new ProgramSpec.ProgramKind(Optional.of(type), Optional.of(hook), "", false, false);
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "test",
            kind,
            Assembler.assemble(call),
            List.of(new ProgramFunction(0, 3, "test", 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true);
    try (JvmHost host = JvmHost.builder().cpus(1).build()) {
      CollectionSpec spec = CollectionSpec.of(List.of(), List.of(program));
      if (there) {
        try (LoadedCollection loaded = host.load(spec, Programs.UNVERIFIED)) {
          assertThat(loaded.programs()).containsKey("test");
        }
      } else {
        assertThatThrownBy(() -> host.load(spec, Programs.UNVERIFIED))
            .isInstanceOf(LoadException.class)
            .hasMessageContaining("cannot use helper bpf_" + helper);
      }
    }
  }
}
