package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.ebpf4j.runtime.internal.map.MapFixture.lookupLong;
import static org.ebpf4j.runtime.internal.map.MapFixture.u32;
import static org.ebpf4j.runtime.internal.map.MapFixture.u64;

import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashTableMapTest {
  private final MapFixture maps = new MapFixture();

  @AfterEach
  void memoryComesBack() {
    maps.registry.all().forEach(RuntimeMap::releaseUser);
    maps.settle();
    assertThat(maps.budget.used()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, MapFlags.NO_PREALLOC})
  void storesFindsAndForgets(int flags) {
    BpfMap map = maps.create(MapType.HASH, 4, 8, 2, flags);
    map.update(u32(1), u64(10));
    map.update(u32(2), u64(20));
    map.update(u32(1), u64(11));

    assertThat(lookupLong(map, u32(1))).isEqualTo(11);
    assertThat(map.lookup(u32(3))).isEmpty();
    assertThat(map.entries()).hasSize(2);
    refused(Errno.E2BIG, () -> map.update(u32(3), u64(30)));
    refused(Errno.EEXIST, () -> map.update(u32(1), u64(30), BpfMap.NO_EXIST));
    refused(Errno.ENOENT, () -> map.update(u32(3), u64(30), BpfMap.EXIST));
    refused(Errno.EINVAL, () -> map.update(u32(3), u64(30), 3));
    refused(Errno.EINVAL, () -> map.update(u32(3), u64(30), BpfMap.LOCK));

    assertThat(map.delete(u32(1))).isTrue();
    assertThat(map.delete(u32(1))).isFalse();
    assertThat(map.lookupAndDelete(u32(2)).map(MapFixture::u64)).contains(20L);
    assertThat(map.firstKey()).isEmpty();
    map.update(u32(3), u64(30));
    map.update(u32(4), u64(40));
    assertThat(map.entries()).hasSize(2);
  }

  @Test
  void perCpuRowsAreRoundedToEightBytes() {
    MapHandle map = maps.create(MapType.PERCPU_HASH, 4, 4, 8, 0);
    assertThat(map.valueBytes()).isEqualTo(8 * MapFixture.CPUS);
    byte[] row = new byte[32];
    row[0] = 1;
    row[8] = 2;
    row[24] = 4;
    map.update(u32(1), row);
    assertThat(map.lookup(u32(1))).contains(row);
  }

  @Test
  void lruForgetsWhatWasNotLookedUp() {
    MapHandle map = maps.create(MapType.LRU_HASH, 4, 8, 100, 0);
    for (int i = 0; i < 1000; i++) {
      map.update(u32(i), u64(i));
    }
    assertThat(map.entries()).hasSize(100);
    assertThat(lookupLong(map, u32(999))).isEqualTo(999);
  }

  private static void refused(Errno errno, Runnable operation) {
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(operation::run)
        .matches(refusal -> refusal.errno() == errno, errno.name());
  }
}
