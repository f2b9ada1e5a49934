package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ebpf4j.runtime.ContextRuns.words;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contexts that callers fill: what a program finds there, and what callers find afterwards.
class ContextsTest {
  private final ContextRuns runs = new ContextRuns();

  /// A frame that nobody has put together from several is as long as it looks (`wire_len`).
  @Test
  void framesHaveTheirLengthOnTheWire() {
    RunResult result =
        runs.run(
            ProgramType.SCHED_CLS,
            RunInput.packet(new byte[64]),
            """
            r0 = *(u32 *)(r1 + 160)
            exit
            """);
    assertThat(result.returnValue()).isEqualTo(64);
  }

  /// Each packet comes as the first did: without the mark and the tag that a program gave one.
  @Test
  void packetsHaveNothingOfThoseBefore() {
    String text =
        """
        r6 = r1
        r7 = *(u32 *)(r6 + 8)
        r0 = *(u32 *)(r6 + 20)
        r7 |= r0
        *(u32 *)(r6 + 8) = 7
        r2 = 129
        r3 = 77
        call 18
        r0 = r7
        exit
        """;
    ProgramSpec marks = ProgramSpec.of("test", ProgramType.SCHED_CLS, Assembler.assemble(text));
    try (JvmHost host = JvmHost.create();
        LoadedCollection loaded = host.load(CollectionSpec.of(marks));
        Runner runner = loaded.program("test").runner()) {
      for (int i = 0; i < 3; i++) {
        runner.packetBuffer(64);
        assertThat(runner.run()).as("packet %d", i).isZero();
      }
      runner.packetBuffer(64);
      runner.context().set(ValueLayout.JAVA_INT_UNALIGNED, 8, 5);
      assertThat(runner.run()).as("a mark of the caller's").isEqualTo(5);
    }
  }

  @Test
  void netfilterSeesItsHookAndTheFamilyOfThePacket() {
    byte[] packet = new byte[64];
    packet[12] = 8;
    String hookAndFamily =
        """
        r2 = *(u64 *)(r1 + 0)
        r0 = *(u8 *)(r2 + 0)
        r3 = *(u8 *)(r2 + 1)
        r0 <<= 8
        r0 |= r3
        exit
        """;
    RunResult result =
        runs.run(ProgramType.NETFILTER, new RunInput(packet, new byte[] {1, 2}, 1), hookAndFamily);
    assertThat(result.returnValue()).isEqualTo(0x0102);
    assertThat(result.data()).as("with its Ethernet header").isEqualTo(packet);
    byte[] ipv6 = new byte[64];
    ipv6[12] = (byte) 0x86;
    ipv6[13] = (byte) 0xdd;
    assertThat(
            runs.run(ProgramType.NETFILTER, RunInput.packet(packet), hookAndFamily).returnValue())
        .as("sent by this machine, as in Linux's test run")
        .isEqualTo(0x0302);
    assertThat(runs.run(ProgramType.NETFILTER, RunInput.packet(ipv6), hookAndFamily).returnValue())
        .isEqualTo(0x030a);
    assertThatThrownBy(() ->
            runs.run(
                ProgramType.NETFILTER, new RunInput(packet, new byte[] {9, 2}, 1), "r0 = 1\nexit"))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("hook (0 to 4)");
  }

  @ParameterizedTest
  @EnumSource(names = {"TRACE_FENTRY", "TRACE_FEXIT"})
  void tracedFunctionsHaveArgumentsAndAResult(AttachType hook) {
    ProgramKind kind =
        new ProgramKind(
            Optional.of(ProgramType.TRACING), Optional.of(hook), "function", false, false);
    RunResult result =
        runs.run(
            kind,
            RunInput.context(words(11, 12, 13)),
            """
            r6 = r1
            r7 = *(u64 *)(r1 + 8)
            call 185
            r7 <<= 8
            r7 |= r0
            r1 = r6
            r2 = 2
            r3 = r10
            r3 += -8
            *(u64 *)(r10 - 8) = 0
            call 183
            r7 <<= 8
            r0 = -r0
            r7 |= r0
            r1 = r6
            r2 = r10
            r2 += -8
            *(u64 *)(r10 - 8) = 0
            call 184
            r0 = *(u64 *)(r10 - 8)
            r7 <<= 8
            r7 |= r0
            r0 = r7
            exit
            """);
    boolean ends = hook == AttachType.TRACE_FEXIT;
    assertThat(result.returnValue()).isEqualTo(ends ? 0x0c02160dL : 0x0c030000L);
  }

  @Test
  void saysWhichFieldAnAccessWasOf() {
    assertThatThrownBy(() ->
            runs.run(
                ProgramType.XDP,
                RunInput.packet(new byte[64]),
                "r0 = 1\n*(u32 *)(r1 + 12) = r0\nexit"))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining(
            "that is offset 12 of context (struct xdp_md), whose field ingress_ifindex programs may"
                + " only read, 4 bytes at once");
    assertThatThrownBy(() ->
            runs.run(
                ProgramType.XDP, RunInput.packet(new byte[64]), "r0 = *(u32 *)(r1 + 28)\nexit"))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("4 bytes past the end of context (struct xdp_md), which has 24");
    assertThatThrownBy(() ->
            runs.run(
                ProgramType.XDP, RunInput.packet(new byte[64]), "r0 = *(u32 *)(r1 + 24)\nexit"))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("just past the end of context (struct xdp_md), which has 24");
  }

  @Test
  void argumentsEndWhereTheCallersEnd() {
    assertThatThrownBy(() ->
            runs.run(ProgramType.LSM, RunInput.context(words(1)), "r0 = *(u64 *)(r1 + 8)\nexit"))
        .isInstanceOf(ProgramFault.class)
        .hasMessageContaining("context (struct args)");
  }

  @Test
  void clonesReachTheEnvironment() {
    String text = "r2 = DEVICE\nr3 = 1\ncall 13\nexit";
    RunResult sent =
        runs.run(ProgramType.SCHED_CLS, RunInput.packet(new byte[60]), text.replace("DEVICE", "2"));
    assertThat(sent.returnValue()).isZero();
    assertThat(runs.delivered()).containsExactly("2 true 60");
    RunResult nowhere =
        runs.run(ProgramType.SCHED_CLS, RunInput.packet(new byte[60]), text.replace("DEVICE", "3"));
    assertThat(nowhere.returnValue()).as("EINVAL").isEqualTo(-22);
    assertThat(runs.delivered()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"TASK_STORAGE", "CGRP_STORAGE", "INODE_STORAGE"})
  void valuesBelongToTheirOwners(MapType type) {
    String current =
        switch (type) {
          case TASK_STORAGE -> "call 158";
          case CGRP_STORAGE -> "r0 = " + (0xffff_9100_0000_0000L + (31 << 4)) + " ll";
          default -> "r0 = 101";
        };
    int get = type == MapType.TASK_STORAGE ? 156 : type == MapType.CGRP_STORAGE ? 210 : 145;
    RunResult result =
        runs.run(
            ProgramType.LSM,
            RunInput.context(words(1)),
            """
            CURRENT
            r7 = r0
            ld_pseudo r1, 1, 0
            r2 = r7
            r3 = 0
            r4 = 0
            call GET
            r8 = 1
            if r0 != 0 goto out
            ld_pseudo r1, 1, 0
            r2 = r7
            r3 = 0
            r4 = 1
            call GET
            r8 = 2
            if r0 == 0 goto out
            r8 = *(u64 *)(r0 + 0)
            *(u64 *)(r0 + 0) = 7
            ld_pseudo r1, 1, 0
            r2 = r7
            r3 = 0
            r4 = 0
            call GET
            r1 = *(u64 *)(r0 + 0)
            r8 += r1
            ld_pseudo r1, 1, 0
            r2 = r7
            call DELETE
            r8 += r0
            ld_pseudo r1, 1, 0
            r2 = r7
            call DELETE
            r8 -= r0
            out:
            r0 = r8
            exit
            """
                .replace("CURRENT", current)
                .replace("GET", String.valueOf(get))
                .replace("DELETE", String.valueOf(get + 1)),
            MapSpec.of("values", type, 4, 8, 0).withFlags(1));
    assertThat(result.returnValue()).as("0 + 7 + 0 + ENOENT").isEqualTo(9);
  }

  @Test
  void controlGroupsAreThoseOfTheEnvironment() {
    RunResult result =
        runs.run(
            ProgramType.KPROBE,
            RunInput.none(),
            """
            call 80
            r6 = r0
            r1 = 1
            call 123
            r6 <<= 8
            r6 |= r0
            ld_pseudo r1, 1, 0
            r2 = 0
            call 37
            r6 <<= 8
            r6 |= r0
            ld_pseudo r1, 1, 0
            r2 = 1
            call 37
            r6 <<= 8
            r0 = -r0
            r6 |= r0
            r0 = r6
            exit
            """,
            MapSpec.of("groups", MapType.CGROUP_ARRAY, 4, 4, 2));
    assertThat(result.returnValue()).as("31, 30, 1, EAGAIN").isEqualTo(0x1f1e010bL);
  }

  @Test
  void countersAreThoseOfTheEnvironment() {
    RunResult result =
        runs.run(
            ProgramType.KPROBE,
            RunInput.none(),
            """
            ld_pseudo r1, 1, 0
            r2 = 1
            call 22
            r6 = r0
            ld_pseudo r1, 1, 0
            r2 = 0
            r3 = r10
            r3 += -24
            r4 = 24
            call 55
            r6 <<= 8
            r1 = *(u64 *)(r10 - 24)
            r6 |= r1
            ld_pseudo r1, 1, 0
            r2 = 2
            call 22
            r6 <<= 8
            r0 = -r0
            r6 |= r0
            ld_pseudo r1, 1, 0
            r2 = 4
            call 22
            r6 <<= 8
            r0 = -r0
            r6 |= r0
            r0 = r6
            exit
            """,
            MapSpec.of("events", MapType.PERF_EVENT_ARRAY, 4, 4, 4));
    assertThat(result.returnValue()).as("6, 5, ENOENT, E2BIG").isEqualTo(0x06050207L);
  }

  @Test
  void returnValuesOfSystemCallsAreKept() {
    RunResult result =
        runs.run(
            ProgramType.CGROUP_DEVICE,
            RunInput.context(new byte[12]),
            """
            r1 = -13
            call 187
            r6 = r0
            call 186
            r0 = -r0
            r6 |= r0
            r1 = 5
            call 187
            r6 <<= 8
            r0 = -r0
            r6 |= r0
            r0 = r6
            exit
            """);
    assertThat(result.returnValue()).as("EACCES, then EINVAL for a positive one").isEqualTo(0x0d16);
  }

  @Test
  void decodersOfRemoteControlsSeeOnePulse() {
    // A pulse (LIRC_MODE2_PULSE, 0x01000000) of 560 microseconds.
    byte[] pulse = {0x30, 0x02, 0, 1};
    RunResult result =
        runs.run(
            ProgramType.LIRC_MODE2,
            RunInput.context(pulse),
            """
            r6 = *(u32 *)(r1 + 0x0)
            r2 = 10
            r3 = r6
            r3 &= 0xffffff
            r4 = 0
            call 78
            r6 |= r0
            r0 = r6
            exit
            """);
    assertThat(result.returnValue()).isEqualTo(0x0100_0230);
  }
}
