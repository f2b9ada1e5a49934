package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ebpf4j.runtime.internal.map.MapFixture.u32;
import static org.ebpf4j.runtime.internal.map.MapFixture.u64;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What programs see of maps.
class ProgramSideTest {
  private final MapFixture maps = new MapFixture();
  private final Arena arena = Arena.ofAuto();
  private final long key = arena.allocate(64, 8).address();
  private final long value = arena.allocate(64, 8).address();

  @ParameterizedTest
  @CsvSource({
    "ARRAY, 4, 0",
    "PERCPU_ARRAY, 4, 0",
    "HASH, 4, 0",
    "HASH, 4, 1",
    "PERCPU_HASH, 4, 0",
    "LRU_HASH, 4, 0",
    "LRU_PERCPU_HASH, 4, 0",
    "LPM_TRIE, 8, 1"
  })
  void accessStaysWithinOneValue(MapType type, int keySize, int flags) {
    RuntimeMap map = maps.create(type, keySize, 12, 8, flags).map();
    Memory.putLong(key, 1);
    map.update(key, value, 0, 1);
    long found = map.lookup(key, 1);

    assertThat(found % 8).isZero();
    assertThat(map.readable(found, 8)).isTrue();
    assertThat(map.writable(found + 11, 1)).isTrue();
    assertThat(map.writable(found + 8, 8)).as("past the value").isFalse();
    assertThat(map.readable(found + 12, 1)).as("padding").isFalse();
    assertThat(map.writable(found - 1, 1)).as("before the value").isFalse();
    assertThat(map.writable(found - 4, 8)).isFalse();
    assertThat(map.readable(0, 1)).isFalse();
    assertThat(map.readable(-8, 8)).isFalse();
    assertThat(map.readable(found + (1L << 40), 1)).isFalse();
  }

  @Test
  void flagsOfTheMapLimitPrograms() {
    RuntimeMap readOnly = maps.create(MapType.ARRAY, 4, 8, 1, MapFlags.RDONLY_PROG).map();
    RuntimeMap writeOnly = maps.create(MapType.ARRAY, 4, 8, 1, MapFlags.WRONLY_PROG).map();
    Memory.putInt(key, 0);
    assertThat(readOnly.readable(readOnly.lookup(key, 0), 8)).isTrue();
    assertThat(readOnly.writable(readOnly.lookup(key, 0), 8)).isFalse();
    assertThat(writeOnly.readable(writeOnly.lookup(key, 0), 8)).isFalse();
    assertThat(writeOnly.writable(writeOnly.lookup(key, 0), 8)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"PERCPU_ARRAY", "PERCPU_HASH", "LRU_PERCPU_HASH"})
  void eachCpuHasAValueOfItsOwn(MapType type) {
    RuntimeMap map = maps.create(type, 4, 8, 8, 0).map();
    Memory.putInt(key, 3);
    for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
      Memory.putLong(value, 100 + cpu);
      assertThat(map.update(key, value, 0, cpu)).isZero();
    }
    for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
      assertThat(Memory.getLong(map.lookup(key, cpu))).isEqualTo(100 + cpu);
      assertThat(map.lookupPerCpu(key, cpu)).isEqualTo(map.lookup(key, cpu));
    }
    assertThat(map.lookupPerCpu(key, MapFixture.CPUS)).isZero();
    assertThat(map.lookupPerCpu(key, -1)).isZero();
  }

  @Test
  void aNewPerCpuElementIsZeroForOtherCpusEvenWhenItsMemoryWasUsedBefore() {
    MapHandle map = maps.create(MapType.PERCPU_HASH, 4, 8, 1, 0);
    byte[] row = new byte[map.valueBytes()];
    Arrays.fill(row, (byte) 7);
    for (int i = 0; i < 20; i++) {
      map.update(u32(i), row);
      map.delete(u32(i));
    }
    Memory.putInt(key, 99);
    Memory.putLong(value, 5);
    map.map().update(key, value, 0, 2);
    assertThat(Memory.getLong(map.map().lookup(key, 2))).isEqualTo(5);
    assertThat(Memory.getLong(map.map().lookup(key, 1))).isZero();
  }

  @ParameterizedTest
  @CsvSource({"HASH, 0", "HASH, 1", "LRU_HASH, 0", "PERCPU_HASH, 0"})
  void iterationShowsEachElementOnceAndMayDeleteIt(MapType type, int flags) {
    RuntimeMap map = maps.create(type, 4, 8, 100, flags).map();
    for (int i = 0; i < 100; i++) {
      Memory.putInt(key, i);
      Memory.putLong(value, i);
      map.update(key, value, 0, 0);
    }
    List<Integer> seen = new ArrayList<>();
    long shown =
        map.forEach(
            0,
            (k, v) -> {
              assertThat(map.readable(k, 4)).isTrue();
              assertThat(map.writable(k, 4)).isFalse();
              assertThat(Memory.getLong(v)).isEqualTo(Memory.getInt(k));
              seen.add(Memory.getInt(k));
              Memory.putInt(key, Memory.getInt(k));
              return map.delete(key, 0) == 0;
            });
    assertThat(shown).isEqualTo(100);
    assertThat(seen).doesNotHaveDuplicates();
    assertThat(map.forEach(0, (k, v) -> true)).isZero();
  }

  @Test
  void iterationOfAnArrayShowsIndicesAndStops() {
    RuntimeMap map = maps.create(MapType.ARRAY, 4, 8, 10, 0).map();
    List<Integer> seen = new ArrayList<>();
    long shown =
        map.forEach(
            1,
            (k, v) -> {
              assertThat(map.readable(k, 4)).isTrue();
              seen.add(Memory.getInt(k));
              return seen.size() < 3;
            });
    assertThat(shown).isEqualTo(3);
    assertThat(seen).containsExactly(0, 1, 2);
  }

  @Test
  void lookupsKeepElementsOfAnLruMap() {
    MapHandle map = maps.create(MapType.LRU_HASH, 4, 8, 10, 0);
    for (int i = 0; i < 1000; i++) {
      map.update(u32(i + 1), u64(i));
      if (i == 0) {
        map.update(u32(0), u64(42));
      }
      Memory.putInt(key, 0);
      assertThat(map.map().lookup(key, 0)).as("after %d inserts", i).isNotZero();
    }
    assertThat(map.entries()).hasSize(10);
  }

  @Test
  void stacksHaveNumbers() {
    MapHandle map = maps.create(MapType.STACK_TRACE, 4, 64, 1024, 0);
    StackTraceMap stacks = (StackTraceMap) map.map();
    Memory.putLong(value, 0x1000);
    Memory.putLong(value + 8, 0x2000);
    int id = stacks.put(value, 2, 0);
    assertThat(stacks.put(value, 2, 0)).isEqualTo(id);
    assertThat(stacks.put(value, 2, 1)).as("one frame skipped").isNotEqualTo(id);
    assertThat(stacks.put(value, 2, 2)).isEqualTo(Errno.EFAULT.negated());
    assertThat(stacks.put(value, 2, 1 << 20)).isEqualTo(Errno.EINVAL.negated());
    byte[] frames = map.lookup(u32(id)).orElseThrow();
    assertThat(frames).hasSize(64).startsWith(u64(0x1000));
    assertThat(map.delete(u32(id))).isTrue();
    assertThat(map.lookup(u32(id))).isEmpty();
  }

  @Test
  void redirectTargetsAreThereOrNot() {
    MapHandle map = maps.create(MapType.DEVMAP_HASH, 4, 4, 8, 0);
    RedirectTarget target = (RedirectTarget) map.map();
    map.update(u32(70), u32(3));
    assertThat(target.hasTarget(70)).isTrue();
    assertThat(target.hasTarget(71)).isFalse();
    assertThat(target.redirectFlags()).isEqualTo(24);
    Memory.putInt(key, 70);
    long found = map.map().lookup(key, 0);
    assertThat(map.map().writable(found, 4)).as("programs only read").isFalse();

    MapHandle sockets = maps.create(MapType.XSKMAP, 4, 4, 8, 0);
    sockets.update(u32(1), u32(0));
    assertThat(((RedirectTarget) sockets.map()).hasTarget(1)).isTrue();
    assertThat(((RedirectTarget) sockets.map()).hasTarget(0)).isFalse();
    assertThat(((RedirectTarget) sockets.map()).hasTarget(-1)).isFalse();
  }

  @Test
  void cpusFillAMapTogetherToTheLastElement() throws Exception {
    int each = 300;
    for (int round = 0; round < 50; round++) {
      MapHandle handle = maps.create(MapType.HASH, 4, 8, each * MapFixture.CPUS, 0);
      RuntimeMap map = handle.map();
      List<Future<Integer>> refused = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(MapFixture.CPUS)) {
        for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
          int mine = cpu;
          refused.add(threads.submit(() -> refusals(map, mine, each)));
        }
      }
      for (Future<Integer> count : refused) {
        assertThat(count.get()).isZero();
      }
      Memory.putInt(key, -1);
      assertThat(map.update(key, value, 0, 0)).isEqualTo(Errno.E2BIG.negated());
      handle.close();
    }
  }

  /// Inserts keys of a CPU; how many of them the map does not take.
  private static int refusals(RuntimeMap map, int cpu, int count) {
    int refused = 0;
    try (Arena memory = Arena.ofConfined()) {
      long key = memory.allocate(8, 8).address();
      long value = memory.allocate(8, 8).address();
      for (int i = 0; i < count; i++) {
        Memory.putInt(key, cpu * count + i);
        refused += map.update(key, value, 0, cpu) == 0 ? 0 : 1;
      }
    }
    return refused;
  }
}
