package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ebpf4j.runtime.ContextRuns.intAt;
import static org.ebpf4j.runtime.ContextRuns.words;

import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contexts about sockets: messages and streams, options, and which socket gets a packet.
class SocketContextsTest {
  private final ContextRuns runs = new ContextRuns();

  @Test
  void messagesGrowAndShrink() {
    RunResult result =
        runs.run(
            ProgramType.SK_MSG,
            RunInput.packet(new byte[] {1, 2, 3, 4}),
            """
            r6 = r1
            r2 = 2
            r3 = 3
            r4 = 0
            call 90
            r1 = r6
            r2 = 0
            r3 = 1
            r4 = 0
            call 91
            r2 = *(u64 *)(r6 + 0)
            r3 = *(u64 *)(r6 + 8)
            r3 -= r2
            r0 = *(u32 *)(r6 + 68)
            r0 <<= 8
            r0 |= r3
            exit
            """);
    assertThat(result.returnValue()).isEqualTo(0x0606);
    assertThat(result.data()).containsExactly(2, 0, 0, 0, 3, 4);
  }

  @Test
  void messagesAreRedirectedToSocketsThatAreThere() {
    String text =
        """
        ld_pseudo r2, 1, 0
        r3 = KEY
        r4 = 1
        call 60
        exit
        """;
    MapSpec sockets = MapSpec.of("sockets", MapType.SOCKMAP, 4, 8, 2);
    RunResult there =
        runs.run(ProgramType.SK_MSG, RunInput.none(), text.replace("KEY", "0"), sockets);
    assertThat(there.returnValue()).as("SK_PASS").isEqualTo(1);
    assertThat(there.redirect()).isEqualTo(new Redirect.ToMap("sockets", 0, 1));
    RunResult missing =
        runs.run(ProgramType.SK_MSG, RunInput.none(), text.replace("KEY", "1"), sockets);
    assertThat(missing.returnValue()).as("SK_DROP").isZero();
    assertThat(missing.redirect()).isEqualTo(new Redirect.None());
  }

  @Test
  void streamsHaveNoHeaders() {
    RunResult result =
        runs.run(
            ProgramType.SK_SKB,
            RunInput.packet(new byte[] {9, 8, 7}),
            """
            r6 = *(u32 *)(r1 + 76)
            r0 = *(u8 *)(r6 + 0)
            r2 = *(u32 *)(r1 + 0)
            r0 <<= 8
            r0 |= r2
            exit
            """);
    assertThat(result.returnValue()).isEqualTo(0x0903);
    assertThat(result.data()).containsExactly(9, 8, 7);
  }

  @Test
  void oneOfTheSocketsOfAPortIsSelected() {
    RunResult result =
        runs.run(
            ProgramType.SK_REUSEPORT,
            RunInput.packet(new byte[8]),
            """
            *(u32 *)(r10 - 4) = 0
            ld_pseudo r2, 1, 0
            r3 = r10
            r3 += -4
            r4 = 0
            call 82
            exit
            """,
            MapSpec.of("sockets", MapType.REUSEPORT_SOCKARRAY, 4, 8, 1));
    assertThat(result.returnValue()).isZero();
    assertThat(result.redirect()).isEqualTo(new Redirect.ToMap("sockets", 0, 0));
    assertThat(intAt(result.context(), 16)).as("len").isEqualTo(8);
  }

  @Test
  void socketOptionsAreChanged() {
    RunResult result =
        runs.run(
            ProgramType.CGROUP_SOCKOPT,
            new RunInput(new byte[] {5, 0, 0, 0}, words(0, 0, 0, 7L << 32 | 1), 1),
            """
            r2 = *(u64 *)(r1 + 8)
            r0 = *(u32 *)(r2 + 0)
            r0 += 1
            *(u32 *)(r2 + 0) = r0
            r3 = *(u32 *)(r1 + 32)
            *(u32 *)(r1 + 36) = r3
            r0 = *(u32 *)(r1 + 28)
            r0 <<= 1
            exit
            """);
    assertThat(result.returnValue()).as("twice optname").isEqualTo(14);
    assertThat(result.data()).containsExactly(6, 0, 0, 0);
    assertThat(intAt(result.context(), 36)).as("retval is optlen").isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(names = {"SOCKMAP", "SOCKHASH"})
  void lookupsEndWithASocketOfAMap(MapType type) {
    RunResult result =
        runs.run(
            ProgramType.SK_LOOKUP,
            RunInput.context(words(0, 6L << 32 | 2)),
            """
            r6 = r1
            *(u32 *)(r10 - 4) = 0
            ld_pseudo r1, 1, 0
            r2 = r10
            r2 += -4
            call 1
            if r0 == 0 goto out
            r7 = r0
            r8 = *(u32 *)(r7 + 44)
            r1 = r6
            r2 = r7
            r3 = 0
            call 124
            r1 = r6
            r2 = r7
            r3 = 0
            call 124
            r8 <<= 8
            r0 = -r0
            r8 |= r0
            r1 = r7
            call 86
            r0 = r8
            out:
            exit
            """,
            MapSpec.of("sockets", type, 4, 8, 1));
    assertThat(result.returnValue()).as("port 80, then EEXIST").isEqualTo(80 << 8 | 17);
    assertThat(result.redirect()).isEqualTo(new Redirect.ToSocket(4711, 0));
  }

  /// Programs of most other types give the context here, and must.
  @Test
  void whereTheCookieOfASocketIsAskedForNoSocketHasNone() {
    RunResult result =
        runs.run(
            ProgramType.SK_REUSEPORT,
            RunInput.packet(new byte[8]),
            """
            r1 = 0
            call 46
            exit
            """);
    assertThat(result.returnValue()).isZero();
  }

  @Test
  void lookupsTakeTheirChoiceBack() {
    RunResult result =
        runs.run(
            ProgramType.SK_LOOKUP,
            RunInput.context(words(0, 6L << 32 | 2)),
            """
            r6 = r1
            *(u32 *)(r10 - 4) = 0
            ld_pseudo r1, 1, 0
            r2 = r10
            r2 += -4
            call 1
            if r0 == 0 goto out
            r7 = r0
            r1 = r6
            r2 = r7
            r3 = 0
            call 124
            r1 = r7
            call 86
            r1 = r6
            r2 = 0
            r3 = 0
            call 124
            r8 = r0
            r8 = -r8
            r1 = r6
            r2 = 0
            r3 = 1
            call 124
            r8 <<= 8
            r8 |= r0
            r0 = r8
            out:
            exit
            """,
            MapSpec.of("sockets", MapType.SOCKMAP, 4, 8, 1));
    assertThat(result.returnValue())
        .as("EEXIST, then done by BPF_SK_LOOKUP_F_REPLACE")
        .isEqualTo(17 << 8);
    assertThat(result.redirect()).isEqualTo(new Redirect.None());
  }
}
