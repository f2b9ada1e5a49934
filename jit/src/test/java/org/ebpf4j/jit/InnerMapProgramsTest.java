package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Proven programs that use maps which they find in a map: with nothing else they ask nothing of
/// their run, with other helpers they do.
class InnerMapProgramsTest {
  private static final int RUNS = 500;
  private static final int KEYS = 4;

  /// What the program gives if the outer map has nothing.
  private static final long NO_MAP = 100;

  /// Counts packets by their first byte in the inner map of that moment, up to 5, then deletes the
  /// count; gives the count, or what deleting gives.
  private static final String COUNT =
      """
        r2 = *(u32 *)(r1 + 4)
        r6 = *(u32 *)(r1 + 0)
        r3 = r6
        r3 += 14
        if r3 > r2 goto none
        r3 = *(u8 *)(r6 + 0)
        r3 &= 3
        *(u32 *)(r10 - 4) = r3
        *(u32 *)(r10 - 8) = 0
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -8
        call 1
        if r0 == 0 goto none
        r7 = r0
        r1 = r7
        r2 = r10
        r2 += -4
        call 1
        if r0 != 0 goto found
        *(u64 *)(r10 - 16) = 1
        r1 = r7
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call 2
        if r0 != 0 goto out
        r0 = 1
        goto out
      found:
        r8 = r0
      """;

  /// Reads the count from the inner map by a helper that asks the run whether it may.
  private static final String READ =
      """
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r8
        call 113
        if r0 != 0 goto out
        r1 = *(u64 *)(r10 - 24)
      """;

  private static final String ADD =
      """
        r1 += 1
        *(u64 *)(r8 + 0) = r1
        r0 = r1
        if r1 < 5 goto out
        r1 = r7
        r2 = r10
        r2 += -4
        call 3
      out:
        exit
      none:
        r0 = 100
        exit
      """;

  static Stream<Arguments> kinds() {
    List<Arguments> kinds = new ArrayList<>();
    for (MapType outer : List.of(MapType.ARRAY_OF_MAPS, MapType.HASH_OF_MAPS)) {
      for (MapType inner :
          List.of(MapType.ARRAY, MapType.HASH, MapType.PERCPU_ARRAY, MapType.PERCPU_HASH)) {
        kinds.add(Arguments.of(outer, inner, false));
        kinds.add(Arguments.of(outer, inner, true));
      }
    }
    return kinds.stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void countsInWhatItFinds(MapType outer, MapType inner, boolean asks) {
    MapSpec innerSpec = MapSpec.of("inner", inner, 4, 8, KEYS);
    MapSpec outerSpec = MapSpec.of("outer", outer, 4, 4, 1).withInner(innerSpec);
    String text = COUNT + (asks ? READ : "  r1 = *(u64 *)(r8 + 0)\n") + ADD;
    boolean keepsElements = inner == MapType.ARRAY || inner == MapType.PERCPU_ARRAY;
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build();
        LoadedCollection loaded = host.load(Sources.xdpWithMap(outerSpec, text));
        Runner runner = loaded.program(Sources.NAME).runner()) {
      runner.packetBuffer(14);
      assertThat(runner.run()).isEqualTo(NO_MAP);
      for (int round = 0; round < 3; round++) {
        try (BpfMap counts = host.createMap(innerSpec)) {
          loaded.map("outer").putMap(new byte[4], counts);
          count(runner, keepsElements);
        }
        // Closed, but still in the outer map: it lives.
        assertThat(runner.run()).isNotEqualTo(NO_MAP);
      }
      loaded.map("outer").delete(new byte[4]);
      assertThat(runner.run()).isEqualTo(NO_MAP);
    }
  }

  private static void count(Runner runner, boolean keepsElements) {
    long[] expected = new long[KEYS];
    for (int i = 0; i < RUNS; i++) {
      int number = i * 7 % KEYS;
      runner.packet().set(ValueLayout.JAVA_BYTE, 0, (byte) number);
      long result = ++expected[number];
      if (result >= 5) {
        // Elements of arrays cannot be deleted: EINVAL.
        result = keepsElements ? -22 : 0;
        if (!keepsElements) {
          expected[number] = 0;
        }
      }
      assertThat((int) runner.run()).as("run %d", i).isEqualTo((int) result);
    }
  }
}
