package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Several CPUs and several callers at once. Freed memory is poisoned, so that a use after free
/// shows.
class MapStressTest {
  private static final int KEYS = 200;
  private static final int STEPS = 20_000;
  private static final long MARK = 0x5eed_0000_0000_0000L;
  private final MapFixture maps = new MapFixture();

  /// A value is its key, marked, in both halves. Where elements rest before they are used again, a
  /// program may hold a value's address over deletes and updates by others and must find it whole.
  @ParameterizedTest
  @CsvSource({"HASH, 1", "HASH, 0", "LRU_HASH, 0", "LPM_TRIE, 1"})
  void valuesBelongToTheirKeys(MapType type, int flags) throws Exception {
    boolean trie = type == MapType.LPM_TRIE;
    boolean rests = flags != 0;
    MapHandle map = maps.create(type, 8, 16, type == MapType.LRU_HASH ? 50 : KEYS, flags);
    List<Callable<Void>> workers = new ArrayList<>();
    for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
      int own = cpu;
      workers.add(() -> runPrograms(map.map(), own, trie, rests));
    }
    workers.add(() -> callAtRandom(map, trie));
    workers.add(() -> copyAll(map));
    runAll(workers);

    for (BpfMap.Entry entry : map.entries()) {
      assertThat(MapFixture.u64(entry.value())).isEqualTo(MARK | keyOf(entry.key(), trie));
    }
    for (long key = 0; key < KEYS; key++) {
      map.delete(bytes(key, trie));
    }
    assertThat(map.entries()).isEmpty();
    for (long key = 0; key < 50; key++) {
      map.update(bytes(key, trie), value(key));
    }
    assertThat(map.entries()).as("no element was lost").hasSize(50);
    map.close();
    maps.settle();
    assertThat(maps.budget.used()).isZero();
  }

  private Void runPrograms(RuntimeMap map, int cpu, boolean trie, boolean rests) {
    Random dice = new Random(cpu);
    try (Arena arena = Arena.ofConfined()) {
      long key = arena.allocate(8, 8).address();
      long value = arena.allocate(16, 8).address();
      for (int step = 0; step < STEPS; step++) {
        long number = dice.nextInt(KEYS);
        Memory.putLong(key, encode(number, trie));
        Memory.putLong(value, MARK | number);
        Memory.putLong(value + 8, MARK | number);
        maps.epochs.enter(cpu);
        try {
          switch (dice.nextInt(4)) {
            case 0 -> map.delete(key, cpu);
            case 1 -> map.update(key, value, 0, cpu);
            default -> checkFound(map, key, number, cpu, rests);
          }
        } finally {
          maps.epochs.exit(cpu);
        }
      }
    }
    return null;
  }

  private static void checkFound(RuntimeMap map, long key, long number, int cpu, boolean rests) {
    long found = map.lookup(key, cpu);
    if (found == 0) {
      return;
    }
    assertThat(map.readable(found, 16)).isTrue();
    long first = Memory.getLong(found);
    long second = Memory.getLong(found + 8);
    if (rests) {
      assertThat(first).isEqualTo(MARK | number);
      assertThat(second).isEqualTo(MARK | number);
    } else {
      // As in Linux, the element may have become another key's meanwhile; never anything else.
      assertThat(first & ~0xffL).isEqualTo(MARK);
    }
  }

  private static Void callAtRandom(MapHandle map, boolean trie) {
    Random dice = new Random(99);
    for (int step = 0; step < STEPS / 4; step++) {
      long number = dice.nextInt(KEYS);
      byte[] key = bytes(number, trie);
      switch (dice.nextInt(5)) {
        case 0 -> map.delete(key);
        case 1 -> update(map, key, number);
        case 2 -> map.nextKey(key);
        default ->
            map.lookup(key)
                .ifPresent(value -> assertThat(MapFixture.u64(value)).isEqualTo(MARK | number));
      }
    }
    return null;
  }

  private static void update(MapHandle map, byte[] key, long number) {
    map.update(key, value(number));
  }

  private static Void copyAll(MapHandle map) {
    for (int step = 0; step < 300; step++) {
      for (BpfMap.Entry entry : map.entries()) {
        long number = keyOf(entry.key(), map.type() == MapType.LPM_TRIE);
        assertThat(MapFixture.u64(entry.value())).isEqualTo(MARK | number);
      }
    }
    return null;
  }

  /// Readers stand on elements that others free, use again and link into other buckets; they must
  /// not end in the wrong chain and miss a key that was there all the time, nor one that is being
  /// replaced.
  @ParameterizedTest
  @CsvSource({"HASH, 0", "HASH, 1", "PERCPU_HASH, 0", "LPM_TRIE, 1"})
  void aKeyThatStaysIsAlwaysFound(MapType type, int flags) throws Exception {
    boolean trie = type == MapType.LPM_TRIE;
    RuntimeMap map = maps.create(type, 8, 16, 24, flags).map();
    try (Arena arena = Arena.ofShared()) {
      for (int number = 0; number < 16; number++) {
        update(map, arena.allocate(32, 8).address(), number, 0, trie);
      }
      List<Callable<Void>> workers = new ArrayList<>();
      for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
        int own = cpu;
        long scratch = arena.allocate(32, 8).address();
        workers.add(() -> {
          Random dice = new Random(own);
          for (int step = 0; step < 3 * STEPS; step++) {
            maps.epochs.enter(own);
            try {
              int stays = dice.nextInt(16);
              Memory.putLong(scratch, encode(stays, trie));
              assertThat(map.lookup(scratch, own) != 0).isTrue();
              if (own > 0) {
                update(map, scratch, own == 1 ? stays : 100 + dice.nextInt(50), own, trie);
                Memory.putLong(scratch, encode(100L + dice.nextInt(50), trie));
                map.delete(scratch, own);
              }
            } finally {
              maps.epochs.exit(own);
            }
          }
          return null;
        });
      }
      runAll(workers);
    }
  }

  /// A program may pass a key that lies where others write: whatever it is then, the element is
  /// found by the key that it has.
  @ParameterizedTest
  @CsvSource({"HASH, 0", "HASH, 1", "LRU_HASH, 0", "PERCPU_HASH, 0", "LPM_TRIE, 1"})
  void anElementIsFoundByItsKeyWhoeverChangedIt(MapType type, int flags) throws Exception {
    boolean trie = type == MapType.LPM_TRIE;
    MapHandle map = maps.create(type, 8, 16, 2 * KEYS, flags);
    try (Arena arena = Arena.ofShared()) {
      long key = arena.allocate(8, 8).address();
      long value = arena.allocate(16, 8).address();
      Memory.putLong(key, encode(0, trie));
      AtomicLong done = new AtomicLong();
      List<Callable<Void>> workers = new ArrayList<>();
      workers.add(() -> {
        Random dice = new Random(1);
        while (done.get() == 0) {
          Memory.putLong(key, encode(dice.nextInt(KEYS), trie));
        }
        return null;
      });
      workers.add(() -> {
        try {
          for (int step = 0; step < 10 * STEPS; step++) {
            maps.epochs.enter(0);
            map.map().lookup(key, 0);
            map.map().update(key, value, 0, 0);
            map.map().delete(key, 0);
            map.map().update(key, value, 0, 0);
            maps.epochs.exit(0);
          }
        } finally {
          done.set(1);
        }
        return null;
      });
      runAll(workers);
    }
    for (long number = 0; number < KEYS; number++) {
      map.delete(bytes(number, trie));
    }
    assertThat(map.firstKey()).isEmpty();
  }

  private static void update(RuntimeMap map, long scratch, long number, int cpu, boolean trie) {
    Memory.putLong(scratch, encode(number, trie));
    Memory.putLong(scratch + 8, MARK | number);
    Memory.putLong(scratch + 16, MARK | number);
    map.update(scratch, scratch + 8, 0, cpu);
  }

  /// Inner maps are replaced and closed while programs use what they looked up.
  @ParameterizedTest
  @CsvSource({"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void innerMapsAreReplacedUnderReaders(MapType type) throws Exception {
    MapSpec inner = MapSpec.of("inner", MapType.ARRAY, 4, 8, 4);
    MapHandle outer = maps.create(MapSpec.of("outer", type, 4, 4, 2).withInner(inner));
    long before = maps.budget.used();
    List<Callable<Void>> workers = new ArrayList<>();
    for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
      int own = cpu;
      workers.add(() -> useInnerMaps(outer.map(), own));
    }
    workers.add(() -> {
      for (int step = 0; step < 2000; step++) {
        try (MapHandle next = maps.create(inner)) {
          for (int i = 0; i < 4; i++) {
            next.update(MapFixture.u32(i), MapFixture.u64(MARK));
          }
          outer.putMap(MapFixture.u32(step & 1), next);
        }
        if (step % 7 == 0) {
          outer.delete(MapFixture.u32(0));
        }
      }
      return null;
    });
    runAll(workers);
    outer.delete(MapFixture.u32(0));
    outer.delete(MapFixture.u32(1));
    maps.settle();
    assertThat(maps.budget.used()).isEqualTo(before);
    assertThat(maps.registry.all()).containsExactly(outer.map());
  }

  private Void useInnerMaps(RuntimeMap outer, int cpu) {
    try (Arena arena = Arena.ofConfined()) {
      long key = arena.allocate(8, 8).address();
      for (int step = 0; step < STEPS; step++) {
        maps.epochs.enter(cpu);
        try {
          Memory.putInt(key, step & 1);
          long handle = outer.lookup(key, cpu);
          if (handle != 0) {
            RuntimeMap inner = maps.registry.find(Handles.mapId(handle)).orElseThrow();
            long value = inner.lookup(key, cpu);
            assertThat(Memory.getLong(value)).isEqualTo(MARK);
          }
        } finally {
          maps.epochs.exit(cpu);
        }
      }
    }
    return null;
  }

  /// Everything that callers can do, in any order, from several threads, on maps that others close.
  @Test
  void noSequenceOfCallsEndsInAnythingButAnErrno() throws Exception {
    List<MapHandle> shared = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      shared.add(any(new Random(i)));
    }
    AtomicLong refused = new AtomicLong();
    List<Callable<Void>> workers = new ArrayList<>();
    for (int worker = 0; worker < 4; worker++) {
      Random dice = new Random(worker);
      workers.add(() -> {
        for (int step = 0; step < 4000; step++) {
          int at = dice.nextInt(shared.size());
          MapHandle map;
          synchronized (shared) {
            map = shared.get(at);
            if (dice.nextInt(40) == 0) {
              map.close();
              shared.set(at, any(dice));
            }
          }
          try {
            callAnything(map, dice);
          } catch (MapException expected) {
            refused.incrementAndGet();
          }
        }
        return null;
      });
    }
    runAll(workers);
    shared.forEach(MapHandle::close);
    maps.settle();
    assertThat(maps.budget.used()).isZero();
    assertThat(maps.registry.all()).isEmpty();
    assertThat(refused).hasPositiveValue();
  }

  private MapHandle any(Random dice) {
    return switch (dice.nextInt(9)) {
      case 0 -> maps.create(MapType.HASH, 8, 8, 20, dice.nextInt(2));
      case 1 -> maps.create(MapType.LRU_PERCPU_HASH, 8, 8, 20, 0);
      case 2 -> maps.create(MapType.ARRAY, 4, 8, 20, 0);
      case 3 -> maps.create(MapType.PERCPU_ARRAY, 4, 8, 20, 0);
      case 4 -> maps.create(MapType.RINGBUF, 0, 0, 4096, 0);
      case 5 -> maps.create(MapType.PERF_EVENT_ARRAY, 4, 4, 4, 0);
      case 6 -> maps.create(MapType.QUEUE, 0, 8, 5, 0);
      case 7 -> maps.create(MapType.USER_RINGBUF, 0, 0, 4096, 0);
      default -> maps.create(MapType.LPM_TRIE, 8, 8, 20, 1);
    };
  }

  private static void callAnything(MapHandle map, Random dice) {
    byte[] key = new byte[map.spec().keySize()];
    if (key.length > 0) {
      key[0] = (byte) dice.nextInt(25);
    }
    switch (dice.nextInt(10)) {
      case 0 -> map.update(key, new byte[map.valueBytes()], dice.nextInt(4));
      case 1 -> map.lookup(key);
      case 2 -> map.delete(key);
      case 3 -> map.lookupAndDelete(key);
      case 4 -> map.nextKey(key);
      case 5 -> map.entries();
      case 6 -> map.submit(new byte[dice.nextInt(100)], Duration.ZERO);
      case 7 -> map.lookupAndDeleteBatch(Optional.empty(), 10);
      case 8 -> {
        try (EventReader reader = map.events()) {
          if (map.map() instanceof RingBuffer ring && map.map().retain()) {
            long record = ring.reserve(dice.nextInt(200));
            if (record != 0) {
              ring.commit(record, 0, dice.nextBoolean());
            }
            map.map().release();
          }
          reader.poll(Duration.ZERO, (bytes, cpu) -> bytes.asByteBuffer().hasRemaining());
        }
      }
      default -> map.update(key, new byte[3]);
    }
  }

  private static void runAll(List<Callable<Void>> workers) throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      for (Future<Void> worker : threads.invokeAll(workers)) {
        worker.get();
      }
    }
  }

  /// In a trie, a prefix of all 32 bits, most significant byte first.
  private static long encode(long number, boolean trie) {
    return trie ? 32 | Long.reverseBytes(number) & 0xffff_ffff_0000_0000L : number;
  }

  private static byte[] bytes(long number, boolean trie) {
    return MapFixture.u64(encode(number, trie));
  }

  private static long keyOf(byte[] key, boolean trie) {
    long word = MapFixture.u64(key);
    return trie ? Long.reverseBytes(word & 0xffff_ffff_0000_0000L) : word;
  }

  private static byte[] value(long number) {
    byte[] value = new byte[16];
    System.arraycopy(MapFixture.u64(MARK | number), 0, value, 0, 8);
    System.arraycopy(MapFixture.u64(MARK | number), 0, value, 8, 8);
    return value;
  }
}
