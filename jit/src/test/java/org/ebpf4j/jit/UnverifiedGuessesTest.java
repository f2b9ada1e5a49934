package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What compiled code guesses of addresses that functions get from one another, and of values at
/// distances that are not known, changes nothing of what unproven programs do.
class UnverifiedGuessesTest {
  private static final int PACKET = 64;
  private static final int RUNS = 2;

  /// Hands the frame's last bytes to a function: a value of 12 bytes, the context and, below, a sum
  /// that is the result.
  private static final String BEGIN =
      """
      r6 = r1
      r7 = 0
      *(u64 *)(r10 - 8) = r7
      *(u64 *)(r10 - 24) = r7
      *(u64 *)(r10 - 32) = r7
      ld_pseudo r1, 1, 0
      r2 = r10
      r2 += -8
      r3 = r10
      r3 += -32
      r4 = 0
      call 2
      ld_pseudo r1, 1, 0
      r2 = r10
      r2 += -8
      call 1
      *(u64 *)(r10 - 16) = r0
      *(u64 *)(r10 - 8) = r6
      """;

  private static final String BY_HELPER =
      BEGIN
          + """
          r1 = 3
          ld_pseudo r2, 4, 7
          r3 = r10
          r3 += -16
          r4 = 0
          call 181
          r0 = *(u64 *)(r10 - 24)
          exit
          """;

  private static final String BY_CALLS =
      BEGIN
          + """
          r8 = 0
          again:
          r1 = r8
          r2 = r10
          r2 += -16
          call function
          r8 += 1
          if r8 != 3 goto again
          r0 = *(u64 *)(r10 - 24)
          exit
          """;

  /// With a number from 0 to 2 in `r1` and the frame's bytes at `r2`: `r3` is somewhere in the
  /// value, and what `r5` gets is added to the result.
  private static final String FUNCTION =
      """
      function:
      r3 = *(u64 *)(r2 + 0)
      r4 = r1
      r4 <<= 2
      r3 += r4
      r5 = 1
      %s
      lock *(u64 *)(r2 - 8) += r5
      r0 = 0
      exit
      """;

  private static final List<String> ACCESSES =
      List.of(
          // The value, up to its end and over it.
          "r5 = *(u32 *)(r3 + 0)",
          "r5 = *(u32 *)(r3 + 4)",
          "r5 = *(u32 *)(r3 - 4)",
          "r5 = *(u64 *)(r3 + 0)",
          "r5 = *(u8 *)(r3 + 3)",
          "r5 = *(u8 *)(r3 + 4)",
          "*(u32 *)(r3 + 0) = r1",
          "*(u32 *)(r3 + 4) = r1",
          "*(u64 *)(r3 + 0) = r1",
          "lock *(u32 *)(r3 + 0) += r5",
          "lock *(u64 *)(r3 + 0) += r5",
          // The context and the packet, whose addresses went through memory.
          "r5 = *(u64 *)(r2 + 8)\nr5 = *(u32 *)(r5 + 12)",
          "r5 = *(u64 *)(r2 + 8)\n*(u32 *)(r5 + 12) = r5",
          "r5 = *(u64 *)(r2 + 8)\nr5 = *(u32 *)(r5 + 0)\nr5 = *(u8 *)(r5 + 63)",
          "r5 = *(u64 *)(r2 + 8)\nr5 = *(u32 *)(r5 + 0)\nr5 = *(u8 *)(r5 + 64)",
          // The caller's frame, its first bytes and the own one above it, which is clean.
          "r5 = *(u64 *)(r2 - 496)",
          "r5 = *(u64 *)(r2 - 497)",
          "r5 = *(u32 *)(r2 + 16)",
          "r5 = *(u64 *)(r2 + 16)",
          "r5 = *(u64 *)(r2 + 520)",
          "r5 = *(u64 *)(r2 + 521)",
          "r2 += r1\nr5 = *(u8 *)(r2 + 525)\nr2 -= r1",
          "r2 += r1\nr5 = *(u8 *)(r2 + 526)\nr2 -= r1",
          "r5 = *(u64 *)(r2 + 16)\nr4 = 7\n*(u64 *)(r2 + 16) = r4",
          "*(u64 *)(r2 + 16) = r1\nr5 = *(u64 *)(r10 - 512)",
          "lock *(u64 *)(r2 - 16) += r1\nr5 = *(u64 *)(r2 - 16)",
          "lock *(u64 *)(r2 - 12) += r1");

  /// Looks up a map in a map, and in it a value of 12 bytes.
  private static final String INNER =
      """
      r6 = 0
      *(u64 *)(r10 - 8) = r6
      ld_pseudo r1, 1, 0
      r2 = r10
      r2 += -8
      call 1
      %s
      r1 = r0
      r2 = r10
      r2 += %d
      call 1
      %s
      out:
      r0 = 0
      exit
      """;

  private static final String CHECKED = "if r0 == 0 goto out";

  static List<String> functions() {
    List<String> programs = new ArrayList<>();
    for (String access : ACCESSES) {
      programs.add(BY_HELPER + FUNCTION.formatted(access));
      programs.add(BY_CALLS + FUNCTION.formatted(access));
    }
    return programs;
  }

  static List<String> innerMaps() {
    List<String> programs = new ArrayList<>();
    for (String access :
        List.of(
            "r0 = *(u64 *)(r0 + 4)",
            "r0 = *(u64 *)(r0 + 5)",
            "*(u32 *)(r0 + 8) = r6",
            "*(u32 *)(r0 + 12) = r6",
            "r1 = 3\nlock *(u64 *)(r0 + 0) += r1",
            "r1 = 3\nlock *(u64 *)(r0 + 4) += r1")) {
      programs.add(INNER.formatted(CHECKED, -8, access));
    }
    programs.add(INNER.formatted("r7 = 0", -8, "r7 = 0"));
    programs.add(INNER.formatted(CHECKED, -3, "r7 = 0"));
    programs.add(INNER.formatted("r0 += 4096", -8, "r7 = 0"));
    programs.add(INNER.formatted("r0 = *(u32 *)(r0 + 0)", -8, "r7 = 0"));
    return programs;
  }

  /// What some runs give: the results, or the fault without what differs from host to host.
  private static String outcome(LoadedCollection loaded) {
    StringBuilder all = new StringBuilder();
    try {
      for (int i = 0; i < RUNS; i++) {
        RunInput input = RunInput.packet(new byte[PACKET]);
        all.append(loaded.program(Sources.NAME).run(input).returnValue()).append(' ');
      }
    } catch (ProgramFault fault) {
      all.append(Sources.message(fault));
    }
    return all.toString();
  }

  private static String outcome(Engine engine, String text, MapType type) {
    CollectionSpec spec = Sources.xdpWithMap(MapSpec.of("map", type, 4, 12, 4), text);
    try (JvmHost host = JvmHost.builder().cpus(2).engine(engine).build();
        LoadedCollection loaded = host.load(spec, Sources.UNVERIFIED)) {
      return outcome(loaded);
    }
  }

  private static String innerOutcome(Engine engine, String text, MapType type, boolean filled) {
    MapSpec inner = MapSpec.of("inner", type, 4, 12, 4);
    MapSpec outer = MapSpec.of("map", MapType.ARRAY_OF_MAPS, 4, 4, 1).withInner(inner);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build();
        LoadedCollection loaded = host.load(Sources.xdpWithMap(outer, text), Sources.UNVERIFIED);
        BpfMap map = host.createMap(inner)) {
      if (filled) {
        map.update(new byte[4], new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
        loaded.map("map").putMap(new byte[4], map);
      }
      return outcome(loaded);
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void functionsDoTheSameInBothEngines(String text) {
    for (MapType type : List.of(MapType.ARRAY, MapType.HASH, MapType.PERCPU_ARRAY)) {
      assertThat(outcome(Engine.JIT, text, type))
          .as("%s, %s", type, text)
          .isEqualTo(outcome(Engine.INTERPRETER, text, type));
    }
  }

  @ParameterizedTest
  @MethodSource("innerMaps")
  void mapsInMapsDoTheSameInBothEngines(String text) {
    for (MapType type : List.of(MapType.ARRAY, MapType.HASH)) {
      for (boolean filled : new boolean[] {true, false}) {
        assertThat(innerOutcome(Engine.JIT, text, type, filled))
            .as("%s, %s, %s", type, filled, text)
            .isEqualTo(innerOutcome(Engine.INTERPRETER, text, type, filled));
      }
    }
  }

  /// The programs here do what they are meant to: accesses inside succeed.
  @ParameterizedTest
  @ValueSource(ints = {0, 11, 13, 15, 18})
  void whatLiesInsideIsNoFault(int access) {
    for (String begin : List.of(BY_HELPER, BY_CALLS)) {
      assertThat(
              outcome(Engine.JIT, begin + FUNCTION.formatted(ACCESSES.get(access)), MapType.ARRAY))
          .matches("-?\\d+ -?\\d+ ");
    }
  }
}
