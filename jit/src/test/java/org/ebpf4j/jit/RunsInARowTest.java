package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A runner that keeps its CPU runs simple programs without setting anything up. What they do, each
/// time, is what they do in the interpreter.
class RunsInARowTest {
  /// More than a CPU is lent after.
  private static final int RUNS = 100;

  private static final int PACKET = 64;

  /// What runs give one after another: results, or faults without what differs from host to host.
  private static List<String> outcomes(JvmHost host, CollectionSpec spec, LoadOptions options) {
    List<String> outcomes = new ArrayList<>();
    try (LoadedCollection loaded = host.load(spec, options);
        Runner runner = loaded.program(Sources.NAME).runner()) {
      runner.packetBuffer(PACKET).fill((byte) 0);
      for (int i = 0; i < RUNS; i++) {
        try {
          outcomes.add("gives " + runner.run());
        } catch (ProgramFault fault) {
          outcomes.add(Sources.message(fault));
        }
      }
    }
    return outcomes;
  }

  private static List<String> outcomes(Engine engine, CollectionSpec spec, LoadOptions options) {
    try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build()) {
      return outcomes(host, spec, options);
    }
  }

  static List<String> programs() {
    return UnverifiedProgramsTest.programs();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void unprovenProgramsDoTheSameEachTime(String text) {
    for (MapType type : List.of(MapType.HASH, MapType.ARRAY)) {
      CollectionSpec spec = Sources.xdpWithMap(MapSpec.of("map", type, 4, 12, 4), text);
      assertThat(outcomes(Engine.JIT, spec, Sources.UNVERIFIED))
          .as("%s, %s", type, text)
          .isEqualTo(outcomes(Engine.INTERPRETER, spec, Sources.UNVERIFIED));
    }
  }

  /// The first byte of the packet counts the runs; from the 50th on there is a fault.
  @Test
  void afterAFaultTheNextRunBeginsAnew() {
    CollectionSpec spec =
        Sources.xdp(
            """
            r6 = *(u32 *)(r1 + 0)
            r0 = *(u8 *)(r6 + 0)
            r0 += 1
            *(u8 *)(r6 + 0) = r0
            *(u64 *)(r10 - 8) = r0
            r2 = r10
            r2 += -300
            r2 *= 1
            r3 = *(u32 *)(r2 + 0)
            r0 += r3
            r4 = -1
            *(u32 *)(r2 + 0) = r4
            if r0 s< 50 goto +1
            r0 = *(u8 *)(r6 + 64)
            exit
            """);
    List<String> outcomes = outcomes(Engine.JIT, spec, Sources.UNVERIFIED);
    assertThat(outcomes).isEqualTo(outcomes(Engine.INTERPRETER, spec, Sources.UNVERIFIED));
    assertThat(outcomes.subList(0, 3)).containsExactly("gives 1", "gives 2", "gives 3");
    assertThat(outcomes.getLast()).contains("load of 1 byte");
  }

  /// What an unproven program left uncleared is no concern of a proven one on the same CPU.
  @Test
  void programsTakeTurns() {
    CollectionSpec faulty = Sources.xdp("*(u64 *)(r10 - 8) = 7\nr0 = *(u8 *)(r10 + 0)\nexit\n");
    CollectionSpec proven =
        Sources.xdp(
            """
            r2 = 5
            *(u64 *)(r10 - 256) = r2
            r3 = r10
            r3 += -256
            *(u32 *)(r1 + 16) = r2
            r0 = *(u64 *)(r3 + 0)
            exit
            """);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build()) {
      for (int i = 0; i < 3; i++) {
        assertThat(outcomes(host, faulty, Sources.UNVERIFIED))
            .allMatch(outcome -> outcome.contains("load of 1 byte"));
        assertThat(outcomes(host, proven, Sources.UNVERIFIED)).hasSize(RUNS);
      }
    }
  }

  @Test
  void eachRunHasTheWholeBudget() {
    CollectionSpec spec =
        Sources.xdp(
            """
            r6 = *(u32 *)(r1 + 0)
            r0 = *(u8 *)(r6 + 0)
            r0 += 1
            *(u8 *)(r6 + 0) = r0
            r1 = r0
            r1 -= 1
            if r1 s> 0 goto -2
            exit
            """);
    List<List<String>> outcomes = new ArrayList<>();
    for (Engine engine : List.of(Engine.INTERPRETER, Engine.JIT)) {
      try (JvmHost host =
          JvmHost.builder()
              .cpus(1)
              .engine(engine)
              .limits(Limits.defaults().withInstructions(150))
              .build()) {
        outcomes.add(outcomes(host, spec, Sources.UNVERIFIED));
      }
    }
    assertThat(outcomes.getFirst().get(60)).isEqualTo("gives 61");
    assertThat(outcomes.getFirst().getLast()).contains("budget of 150 instructions");
    assertThat(outcomes.getLast()).isEqualTo(outcomes.getFirst());
  }

  /// What the context says of the packet holds in each run, though the program changes the packet.
  @Test
  void theContextIsPutInOrderForEachRun() {
    CollectionSpec spec =
        Sources.tc(
            """
            r0 = *(u32 *)(r1 + 16)
            r2 = *(u32 *)(r1 + 76)
            r3 = *(u32 *)(r1 + 80)
            r4 = r2
            r4 += 14
            if r4 > r3 goto +3
            r5 = *(u8 *)(r2 + 12)
            r5 += 1
            *(u8 *)(r2 + 12) = r5
            exit
            """);
    List<String> outcomes = outcomes(Engine.JIT, spec, LoadOptions.defaults());
    assertThat(outcomes).isEqualTo(outcomes(Engine.INTERPRETER, spec, LoadOptions.defaults()));
    assertThat(outcomes.stream().distinct().count()).isGreaterThan(RUNS / 2);
  }
}
