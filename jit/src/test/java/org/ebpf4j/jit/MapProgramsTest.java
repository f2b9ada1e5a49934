package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A program that uses nothing but a map is run often by one runner: so it comes to run with next
/// to nothing set up.
class MapProgramsTest {
  private static final int RUNS = 1_000;
  private static final int KEYS = 16;

  /// Counts packets by their first byte, and gives the count.
  private static final String COUNT =
      """
        r2 = *(u32 *)(r1 + 4)
        r6 = *(u32 *)(r1 + 0)
        r3 = r6
        r3 += 14
        if r3 > r2 goto out
        r3 = *(u8 *)(r6 + 0)
        r3 &= 15
        *(u32 *)(r10 - 4) = r3
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -4
        call 1
        if r0 != 0 goto found
        r1 = 1
        *(u64 *)(r10 - 16) = r1
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call 2
        r0 = 1
        exit
      found:
        r1 = *(u64 *)(r0 + 0)
        r1 += 1
        *(u64 *)(r0 + 0) = r1
        r0 = r1
        exit
      out:
        r0 = 0
        exit
      """;

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(number).array();
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"ARRAY", "HASH", "LRU_HASH", "PERCPU_ARRAY", "PERCPU_HASH"})
  void whatItCountsIsThere(MapType type) {
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build();
        LoadedCollection loaded =
            host.load(Sources.xdpWithMap(MapSpec.of("counts", type, 4, 8, KEYS), COUNT));
        Runner runner = loaded.program(Sources.NAME).runner()) {
      BpfMap counts = loaded.map("counts");
      boolean keepsElements = type == MapType.ARRAY || type == MapType.PERCPU_ARRAY;
      long[] expected = new long[KEYS];
      runner.packetBuffer(14);
      for (int i = 0; i < RUNS; i++) {
        int number = i * 7 % KEYS;
        runner.packet().set(ValueLayout.JAVA_BYTE, 0, (byte) number);
        assertThat(runner.run()).isEqualTo(++expected[number]);
        if (i % 97 == 0 && !keepsElements) {
          // From outside, while the program runs again and again.
          assertThat(counts.delete(key(number))).isTrue();
          expected[number] = 0;
        }
      }
      for (int number = 0; number < KEYS; number++) {
        long[] value = {0};
        counts
            .lookup(key(number))
            .ifPresent(bytes ->
                value[0] = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong());
        assertThat(value[0]).as("key %d", number).isEqualTo(expected[number]);
      }
    }
  }
}
