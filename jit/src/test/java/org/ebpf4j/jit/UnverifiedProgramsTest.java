package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Programs that nobody has proven do in compiled code what they do in the interpreter, at the
/// edges of what they may touch, too.
class UnverifiedProgramsTest {
  private static final int PACKET = 64;
  private static final String EXIT = "\nr0 = 0\nexit\n";

  /// A value of 12 bytes under the key 0, in `r0`.
  private static final String FOUND =
      """
      r6 = 0
      *(u64 *)(r10 - 8) = r6
      ld_pseudo r1, 1, 0
      r2 = r10
      r2 += -8
      r3 = r10
      r3 += -24
      r4 = 0
      call 2
      ld_pseudo r1, 1, 0
      r2 = r10
      r2 += -8
      call 1
      """;

  static List<String> programs() {
    return List.of(
        // The frame, at distances known and not.
        "r0 = *(u64 *)(r10 - 512)\nexit\n",
        "r0 = *(u64 *)(r10 - 513)\nexit\n",
        "r0 = *(u64 *)(r10 - 4)\nexit\n",
        "*(u32 *)(r10 + 0) = r1" + EXIT,
        "r2 = r10\nr3 = *(u8 *)(r10 - 1)\nr2 += r3\nr0 = *(u32 *)(r2 - 4)\nexit\n",
        "r2 = r10\nr3 = *(u8 *)(r10 - 1)\nr2 += r3\nr0 = *(u32 *)(r2 - 3)\nexit\n",
        "r2 = r10\nr3 = *(u8 *)(r10 - 1)\nr2 += r3\n*(u64 *)(r2 - 512) = r10" + EXIT,
        "r2 = r10\nr3 = *(u8 *)(r10 - 1)\nr2 += r3\n*(u64 *)(r2 - 516) = r10" + EXIT,
        "r2 = 1\nlock *(u64 *)(r10 - 16) += r2\nr0 = *(u64 *)(r10 - 16)\nexit\n",
        "r2 = 1\nlock *(u64 *)(r10 - 12) += r2\nr0 = *(u64 *)(r10 - 16)\nexit\n",
        // Memory for a call, none of it, and a size of nothing.
        "r1 = r10\nr1 += -8\nr2 = 8\nr3 = 0\nr4 = 0\nr5 = 0\ncall 28\nexit\n",
        "r1 = 0\nr2 = 0\nr3 = 0\nr4 = 0\nr5 = 0\ncall 28\nexit\n",
        "r1 = 0\nr2 = 4\nr3 = 0\nr4 = 0\nr5 = 0\ncall 28\nexit\n",
        "r1 = 0\nr2 = 0\nr3 = 0\nr4 = 8\nr5 = 0\ncall 28\nexit\n",
        // The context.
        "r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr0 = r3\nr0 -= r2\nexit\n",
        "r0 = *(u32 *)(r1 + 12)\nexit\n",
        "r0 = *(u16 *)(r1 + 12)\nexit\n",
        "r0 = *(u64 *)(r1 + 0)\nexit\n",
        "r0 = *(u16 *)(r1 + 0)\nexit\n",
        "r0 = *(u32 *)(r1 + 24)\nexit\n",
        "*(u32 *)(r1 + 12) = r1" + EXIT,
        "r2 = 1\nlock *(u32 *)(r1 + 12) += r2" + EXIT,
        // The packet, its first byte in front of it, the last and the one behind.
        "r2 = *(u32 *)(r1 + 0)\nr0 = *(u8 *)(r2 - 1)\nexit\n",
        "r2 = *(u32 *)(r1 + 0)\nr0 = *(u64 *)(r2 + 56)\nexit\n",
        "r2 = *(u32 *)(r1 + 0)\nr0 = *(u64 *)(r2 + 57)\nexit\n",
        "r2 = *(u32 *)(r1 + 0)\n*(u64 *)(r2 + 57) = r1" + EXIT,
        "r2 = *(u32 *)(r1 + 0)\n*(u64 *)(r2 + 56) = r1" + EXIT,
        // A value, found and not.
        FOUND + "r0 = *(u64 *)(r0 + 4)\nexit\n",
        FOUND + "r0 = *(u64 *)(r0 + 5)\nexit\n",
        FOUND + "r0 = *(u8 *)(r0 - 1)\nexit\n",
        FOUND + "*(u8 *)(r0 + 11) = 7\nr0 = *(u32 *)(r0 + 8)\nexit\n",
        FOUND + "*(u8 *)(r0 + 12) = 7" + EXIT,
        FOUND + "r1 = 3\nlock *(u64 *)(r0 + 0) += r1\nr0 = *(u64 *)(r0 + 0)\nexit\n",
        FOUND + "r1 = 3\nlock *(u64 *)(r0 + 4) += r1\nr0 = *(u64 *)(r0 + 0)\nexit\n",
        FOUND.replace("r6 = 0", "r6 = 9").replace("call 2", "") + "r0 = *(u64 *)(r0 + 4)\nexit\n",
        // Keys and values that are not all in the frame, and no map.
        "ld_pseudo r1, 1, 0\nr2 = r10\nr2 += -3\ncall 1" + EXIT,
        "ld_pseudo r1, 1, 0\nr2 = r10\nr2 += -8\nr3 = r10\nr3 += -11\nr4 = 0\ncall 2" + EXIT,
        "ld_pseudo r1, 1, 0\nr1 += 1\nr2 = r10\nr2 += -8\ncall 1" + EXIT,
        "r1 = 0\nr2 = r10\nr2 += -8\ncall 1" + EXIT,
        "r2 = r10\nr2 += -8\ncall 1" + EXIT,
        // A function that has itself called back, deeper than there are frames.
        "call sub\nexit\nsub:\nr1 = 1\nld_pseudo r2, 4, -2\nr3 = 0\nr4 = 0\ncall 181\nexit\n");
  }

  /// What a run gives: the result, or the fault without what differs from host to host.
  private static String outcome(Engine engine, String text, MapType type) {
    CollectionSpec spec = Sources.xdpWithMap(MapSpec.of("map", type, 4, 12, 4), text);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build();
        LoadedCollection loaded = host.load(spec, Sources.UNVERIFIED)) {
      RunInput input = RunInput.packet(new byte[PACKET]);
      return "gives " + loaded.program(Sources.NAME).run(input).returnValue();
    } catch (ProgramFault fault) {
      return Sources.message(fault);
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void bothEnginesDoTheSame(String text) {
    for (MapType type : List.of(MapType.HASH, MapType.ARRAY, MapType.PERCPU_HASH)) {
      assertThat(outcome(Engine.JIT, text, type))
          .as("%s, %s", type, text)
          .isEqualTo(outcome(Engine.INTERPRETER, text, type));
    }
  }

  /// A load beyond the packet ends the function that it is in, which leaves its caller what any end
  /// of it would: its registers, and nothing of its frame for the next.
  @Test
  void aLoadBeyondThePacketEndsAFunctionAsAnExitDoes() {
    String text =
        """
        r6 = r1
        r2 = 22
        call missed
        r0 <<= 8
        r0 += r2
        r7 = r0
        call look
        r0 += r7
        exit
        missed:
        r2 = 33
        r3 = -1
        r4 = r10
        r5 = r1
        r5 &= 0
        r4 += r5
        *(u64 *)(r4 - 8) = r3
        r0 = *(u32 *)skb[100000]
        r0 = 1
        exit
        look:
        r4 = r10
        r4 *= 1
        r0 = *(u64 *)(r4 - 8)
        exit
        """;
    for (Engine engine : List.of(Engine.INTERPRETER, Engine.JIT)) {
      try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build();
          LoadedCollection loaded = host.load(Sources.tc(text), Sources.UNVERIFIED)) {
        RunInput input = RunInput.packet(new byte[PACKET]);
        assertThat(loaded.program(Sources.NAME).run(input).returnValue())
            .as("%s", engine)
            .isEqualTo(33);
      }
    }
  }

  /// What a run leaves on the stack no later one sees, however it looks.
  @ParameterizedTest
  @ValueSource(ints = {-8, -200, -512})
  void theStackIsClean(int offset) {
    String write =
        "r2 = r10\nr3 = %d\nr2 += r3\nr4 = -1\n*(u64 *)(r2 + 0) = r4\nr0 = *(u64 *)(r2 + 0)\nexit\n";
    String look =
        "r5 = 1\n*(u64 *)(r10 - 16) = r5\nr1 = r10\nr1 *= 1\nr0 = *(u64 *)(r1 %d)\nexit\n";
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build();
        LoadedCollection first =
            host.load(Sources.xdp(write.formatted(offset)), Sources.UNVERIFIED);
        LoadedCollection second =
            host.load(Sources.xdp(look.formatted(offset)), Sources.UNVERIFIED)) {
      RunInput input = RunInput.packet(new byte[PACKET]);
      for (int i = 0; i < 3; i++) {
        assertThat(first.program(Sources.NAME).run(input).returnValue()).isEqualTo(-1);
        assertThat(second.program(Sources.NAME).run(input).returnValue()).isZero();
      }
    }
  }

  /// A record of a ring buffer is out of reach once it is handed over, even if nothing else was
  /// touched in between.
  @Test
  void aRecordThatWasHandedOverIsOutOfReach() {
    String text =
        """
        ld_pseudo r1, 1, 0
        r2 = 16
        r3 = 0
        call 131
        r6 = r0
        r3 = *(u64 *)(r6 + 0)
        r1 = r6
        r2 = 0
        call 132
        r0 = *(u64 *)(r6 + 0)
        exit
        """;
    for (Engine engine : List.of(Engine.INTERPRETER, Engine.JIT)) {
      CollectionSpec spec =
          Sources.xdpWithMap(MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096), text);
      try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build();
          LoadedCollection loaded = host.load(spec, Sources.UNVERIFIED)) {
        assertThat(
                catchThrowableOfType(
                    ProgramFault.class,
                    () -> loaded.program(Sources.NAME).run(RunInput.packet(new byte[PACKET]))))
            .as("%s", engine)
            .isNotNull()
            .hasMessageContaining("load of 8 bytes");
      }
    }
  }
}
