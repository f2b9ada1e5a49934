package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.ebpf4j.runtime.internal.map.MapFixture.u32;
import static org.ebpf4j.runtime.internal.map.MapFixture.u64;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Composite;
import org.ebpf4j.btf.BtfType.Int;
import org.ebpf4j.btf.BtfType.Member;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

/// What callers see of maps, beyond what [LinuxComparisonTest] covers.
class UserSideTest {
  private final MapFixture maps = new MapFixture();

  @Test
  void aHostHasLimits() {
    MapFixture small = new MapFixture(1 << 20);
    assertThat(refusal(() -> small.create(MapType.ARRAY, 4, 8, 1 << 20, 0)))
        .hasMessageContaining("ENOMEM");
    assertThat(refusal(() -> small.create(MapType.HASH, 4, 8, Integer.MAX_VALUE, 1)).errno())
        .isEqualTo(Errno.ENOMEM);
    assertThat(refusal(() -> small.create(MapType.PROG_ARRAY, 4, 4, Integer.MAX_VALUE, 0)).errno())
        .isEqualTo(Errno.ENOMEM);
    assertThat(refusal(() -> small.create(MapType.STACK_TRACE, 4, 8, 1 << 30, 0)).errno())
        .isEqualTo(Errno.ENOMEM);
    assertThat(small.budget.used()).as("nothing is left behind").isZero();
    for (int i = 0; i < 100; i++) {
      small.create(MapType.ARRAY, 4, 8, 1, 0);
    }
    assertThat(refusal(() -> small.create(MapType.ARRAY, 4, 8, 1, 0)).errno())
        .isEqualTo(Errno.EMFILE);
    small.registry.all().forEach(RuntimeMap::releaseUser);
    small.settle();
    assertThat(small.budget.used()).isZero();
    small.create(MapType.ARRAY, 4, 8, 1, 0);
  }

  @Test
  void aMapThatGrowsStopsAtTheLimitAndGoesOnWhenThereIsRoom() {
    MapFixture small = new MapFixture(1 << 20);
    MapHandle map = small.create(MapType.HASH, 8, 1000, 10_000, MapFlags.NO_PREALLOC);
    int stored = 0;
    Errno errno = null;
    while (errno == null) {
      try {
        map.update(u64(stored), new byte[1000]);
        stored++;
      } catch (MapException full) {
        errno = full.errno();
      }
    }
    assertThat(errno).isEqualTo(Errno.ENOMEM);
    assertThat(map.entries()).hasSize(stored);
    for (int i = 0; i < 100; i++) {
      map.delete(u64(i));
    }
    small.settle();
    for (int i = 0; i < 50; i++) {
      map.update(u64(i), new byte[1000]);
    }
    assertThat(map.entries()).hasSize(stored - 50);
  }

  @Test
  void typesThatTheHostLacksAreNamed() {
    assertThat(refusal(() -> maps.create(MapType.STRUCT_OPS, 4, 4, 1, 0)))
        .hasMessageContaining("no kernel whose operations")
        .matches(refusal -> refusal.errno() == Errno.ENOTSUPP);
    MapSpec unknown = MapSpec.of("odd", MapType.ARRAY, 4, 4, 1);
    assertThat(
            refusal(() ->
                    maps.create(
                        new MapSpec(
                            "odd",
                            77,
                            4,
                            4,
                            1,
                            0,
                            0,
                            0,
                            0,
                            0,
                            false,
                            unknown.inner(),
                            unknown.contents())))
                .errno())
        .isEqualTo(Errno.EINVAL);
  }

  @Test
  void sizesOfKeysAndValuesAreChecked() {
    BpfMap map = maps.create(MapType.HASH, 4, 8, 1, 0);
    assertThat(refusal(() -> map.update(new byte[3], new byte[8])))
        .hasMessageContaining("keys have 4 bytes, not 3");
    assertThat(refusal(() -> map.update(new byte[4], new byte[9])))
        .hasMessageContaining("values have 8 bytes, not 9");
    map.close();
    assertThat(refusal(() -> map.lookup(new byte[4])).errno()).isEqualTo(Errno.EBADF);
  }

  @Test
  void batchesGoThroughAllElementsOnce() {
    for (int flags : new int[] {0, MapFlags.NO_PREALLOC}) {
      batches(maps.create(MapType.HASH, 4, 8, 500, flags), 500);
    }
    batches(maps.create(MapType.ARRAY, 4, 8, 64, 0), 64);
  }

  private static void batches(MapHandle map, int count) {
    List<BpfMap.Entry> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new BpfMap.Entry(u32(i), u64(i)));
    }
    map.updateBatch(all, 0);
    List<Integer> seen = new ArrayList<>();
    Optional<byte[]> cursor = Optional.empty();
    do {
      BpfMap.Batch batch = map.lookupBatch(cursor, 37);
      batch.entries().forEach(entry -> seen.add(u32(entry.key())));
      cursor = batch.cursor();
    } while (cursor.isPresent());
    assertThat(seen).hasSize(count).doesNotHaveDuplicates();
  }

  @Test
  void aFailedBatchSaysHowFarItCame() {
    BpfMap map = maps.create(MapType.HASH, 4, 8, 2, 0);
    List<BpfMap.Entry> three =
        List.of(
            new BpfMap.Entry(u32(1), u64(1)),
            new BpfMap.Entry(u32(2), u64(2)),
            new BpfMap.Entry(u32(3), u64(3)));
    MapException full = refusal(() -> map.updateBatch(three, 0));
    assertThat(full.errno()).isEqualTo(Errno.E2BIG);
    assertThat(full.done()).isEqualTo(2);
    MapException missing = refusal(() -> map.deleteBatch(List.of(u32(1), u32(9), u32(2))));
    assertThat(missing.errno()).isEqualTo(Errno.ENOENT);
    assertThat(missing.done()).isEqualTo(1);
    assertThat(map.lookupAndDeleteBatch(Optional.empty(), 10).entries()).hasSize(1);
    assertThat(map.entries()).isEmpty();
  }

  @Test
  void perfRecordsNeedAReaderAndTheRightCpu() {
    MapHandle map = maps.create(MapType.PERF_EVENT_ARRAY, 4, 4, 64, 0);
    PerfEventArray events = (PerfEventArray) map.map();
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(70_000, 8).address();
      Memory.fill(data, 70_000, (byte) 1);
      long current = PerfEventArray.INDEX_MASK;
      assertThat(events.output(1, current, data, 5, 0, 0)).isEqualTo(Errno.ENOENT.negated());
      try (EventReader reader = map.events()) {
        assertThat(events.output(1, current, data, 5, data, 2)).isZero();
        assertThat(events.output(1, 2, data, 5, 0, 0)).isEqualTo(Errno.EOPNOTSUPP.negated());
        assertThat(events.output(1, 9, data, 5, 0, 0)).isEqualTo(Errno.ENOENT.negated());
        assertThat(events.output(1, 64, data, 5, 0, 0)).isEqualTo(Errno.E2BIG.negated());
        assertThat(events.output(1, 1L << 32, data, 5, 0, 0)).isEqualTo(Errno.EINVAL.negated());
        assertThat(events.output(1, 1, data, 70_000, 0, 0)).isEqualTo(Errno.E2BIG.negated());
        assertThat(
                reader.poll(
                    Duration.ZERO,
                    (bytes, cpu) -> {
                      assertThat(cpu).isEqualTo(1);
                      assertThat(bytes.byteSize()).as("padded as in Linux").isEqualTo(12);
                    }))
            .isEqualTo(1);
        int full = 0;
        while (full == 0) {
          full = events.output(0, 0, data, 5000, 0, 0);
        }
        assertThat(full).isEqualTo(Errno.ENOSPC.negated());
        assertThat(reader.lost()).isEqualTo(1);
        assertThat(reader.poll(Duration.ZERO, (bytes, cpu) -> {})).isEqualTo(52);
      }
      assertThat(events.output(1, current, data, 5, 0, 0)).isEqualTo(Errno.ENOENT.negated());
    }
  }

  @Test
  void programsDrainWhatCallersSubmit() {
    MapHandle map = maps.create(MapType.USER_RINGBUF, 0, 0, 4096, 0);
    UserRingBuffer ring = (UserRingBuffer) map.map();
    int sent = 0;
    while (map.submit(("record " + sent).getBytes(StandardCharsets.UTF_8), Duration.ZERO)) {
      sent++;
    }
    assertThat(sent).isGreaterThan(100);
    assertThat(refusal(() -> map.submit(new byte[5000], Duration.ZERO)).errno())
        .isEqualTo(Errno.E2BIG);
    assertThat(ring.beginDrain()).isZero();
    assertThat(ring.beginDrain()).isEqualTo(Errno.EBUSY.negated());
    int taken = 0;
    for (long record = ring.next(); record != 0; record = ring.next()) {
      byte[] bytes = Memory.bytes(record, ring.length(record));
      assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("record " + taken++);
      ring.consume(record);
    }
    ring.endDrain(0, taken);
    assertThat(taken).isEqualTo(sent);
    assertThat(map.submit(new byte[100], Duration.ZERO)).isTrue();
  }

  @Test
  void specialFieldsAreNeitherCopiedNorShownButReleased() {
    // struct { struct bpf_spin_lock lock; u32 plain; struct bpf_timer timer; }
    Btf btf =
        Btf.of(
            List.of(
                new Int("unsigned int", 4, Int.Encoding.UNSIGNED, 0, 32),
                new Composite("bpf_spin_lock", false, 4, List.of(new Member("val", 1, 0, 0))),
                new Composite("bpf_timer", false, 16, List.of()),
                new Composite(
                    "value",
                    false,
                    24,
                    List.of(
                        new Member("lock", 2, 0, 0),
                        new Member("plain", 1, 32, 0),
                        new Member("timer", 3, 64, 0))),
                new BtfType.Typedef("value_t", 4)));
    SpecialFields fields = SpecialFields.of(btf, 5);
    assertThat(fields.fields())
        .containsExactly(
            new SpecialFields.Field(SpecialFields.Kind.SPIN_LOCK, 0, 4),
            new SpecialFields.Field(SpecialFields.Kind.TIMER, 8, 16));

    List<SpecialFields.Kind> released = new ArrayList<>();
    MapRegistry registry =
        new MapRegistry(
            new Epochs(1),
            new Budget(1 << 20, true),
            10,
            (map, field, address, lock) -> released.add(field.kind()));
    MapSpec spec =
        new MapSpec(
            "v",
            MapType.HASH.number(),
            4,
            24,
            4,
            0,
            0,
            0,
            0,
            5,
            false,
            Optional.empty(),
            new MapSpec.Contents.None());
    MapHandle map = new MapHandle(registry.create(spec, btf));
    byte[] given = new byte[24];
    Arrays.fill(given, (byte) 9);
    map.update(u32(1), given);
    byte[] plain = new byte[24];
    System.arraycopy(given, 4, plain, 4, 4);
    assertThat(map.lookup(u32(1))).contains(plain);
    assertThat(map.lookup(u32(1), BpfMap.LOCK)).contains(plain);
    map.update(u32(1), given, BpfMap.LOCK);
    assertThat(released).isEmpty();
    map.delete(u32(1));
    assertThat(released).containsExactly(SpecialFields.Kind.TIMER);
    assertThat(refusal(map::freeze).errno()).isEqualTo(Errno.ENOTSUPP);
    assertThat(refusal(() -> registry.create(spec.withFlags(MapFlags.RDONLY_PROG), btf)).errno())
        .isEqualTo(Errno.EACCES);
  }

  private static MapException refusal(Runnable operation) {
    MapException[] caught = new MapException[1];
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(operation::run)
        .satisfies(refusal -> caught[0] = refusal);
    return caught[0];
  }
}
