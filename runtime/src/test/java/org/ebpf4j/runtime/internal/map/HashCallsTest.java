package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What compiled programs do with a hash, keys in words, is what helpers do with keys in memory.
class HashCallsTest {
  private static final int LONGEST = 40;
  private static final int ENTRIES = 32;
  private static final int VALUE = 12;

  private final MapFixture maps = new MapFixture();
  private final Arena arena = Arena.ofAuto();
  private final long keys = arena.allocate((long) ENTRIES * LONGEST, 8).address();
  private final long value = arena.allocate(VALUE, 8).address();

  @ParameterizedTest
  @CsvSource({"HASH, 0", "HASH, 1", "LRU_HASH, 0"})
  void keysOfAllSizesAreTheSameInWordsAndInMemory(MapType type, int flags) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    for (int size = 1; size <= LONGEST; size++) {
      RuntimeMap map = maps.create(type, size, VALUE, ENTRIES * 64, flags).map();
      HashCalls hash = HashCalls.of(map).orElseThrow();
      for (int i = 0; i < ENTRIES; i++) {
        // Distinct by their first byte, and next to each other, so that a byte too many is seen.
        Memory.copy(bytes(random, size, i), 0, key(i, size), size);
      }
      for (int i = 0; i < ENTRIES; i++) {
        assertThat(lookup(hash, key(i, size))).isZero();
        Memory.putLong(value, i);
        assertThat(update(hash, key(i, size), MapFlags.EXIST)).isEqualTo(Errno.ENOENT.negated());
        assertThat(update(hash, key(i, size), 0)).isZero();
        assertThat(update(hash, key(i, size), MapFlags.NOEXIST)).isEqualTo(Errno.EEXIST.negated());
      }
      for (int i = 0; i < ENTRIES; i++) {
        long found = lookup(hash, key(i, size));
        assertThat(found).isNotZero().isEqualTo(map.lookup(key(i, size), 0));
        assertThat(Memory.getLong(found)).isEqualTo(i);
        Memory.putLong(value, -i);
        assertThat(update(hash, key(i, size), i % 2 == 0 ? 0 : MapFlags.EXIST)).isZero();
        assertThat(Memory.getLong(found)).as("a pointer to the old value").isEqualTo(i);
        assertThat(Memory.getLong(map.lookup(key(i, size), 0))).isEqualTo(-i);
        assertThat(Memory.bytes(map.keyOf(map.lookup(key(i, size), 0), 0), size))
            .isEqualTo(Memory.bytes(key(i, size), size));
      }
      map.release();
    }
  }

  private long key(int number, int size) {
    return keys + (long) number * size;
  }

  private static byte[] bytes(RandomGenerator random, int size, int first) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    bytes[0] = (byte) first;
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"PERCPU_HASH, 0", "PERCPU_HASH, 1", "LRU_PERCPU_HASH, 0"})
  void eachCpuFindsItsOwnValue(MapType type, int flags) {
    // Not preallocated, such a map grows: its values lie in several chunks.
    RuntimeMap map = maps.create(type, Long.BYTES, VALUE, 1000, flags).map();
    HashCalls hash = HashCalls.of(map).orElseThrow();
    Set<Long> seen = new HashSet<>();
    for (long i = 0; i < 1000; i++) {
      Memory.putLong(keys, i);
      assertThat(update(hash, keys, 0)).isZero();
      for (int cpu = 0; cpu < MapFixture.CPUS; cpu++) {
        long found = lookup(hash, keys, cpu);
        assertThat(found).isNotZero().isEqualTo(map.lookup(keys, cpu));
        assertThat(seen.add(found)).isTrue();
      }
    }
    map.release();
  }

  private static long lookup(HashCalls hash, long key) {
    return lookup(hash, key, 0);
  }

  private static long lookup(HashCalls hash, long key, int cpu) {
    KeyWords words = KeyWords.of(hash.keySize());
    return hash.lookup(
        words.word(key, 0),
        words.word(key, 1),
        words.word(key, 2),
        words.word(key, 3),
        words.word(key, 4),
        cpu);
  }

  private int update(HashCalls hash, long key, long flags) {
    KeyWords words = KeyWords.of(hash.keySize());
    return hash.update(
        words.word(key, 0),
        words.word(key, 1),
        words.word(key, 2),
        words.word(key, 3),
        words.word(key, 4),
        key,
        value,
        flags,
        0);
  }
}
