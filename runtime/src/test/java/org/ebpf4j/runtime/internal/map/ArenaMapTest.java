package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

/// An arena's pages: when they are freed, what they cost, and that accesses stay in them.
class ArenaMapTest {
  private static final int PAGE = 4096;
  private static final int MMAPABLE = 1 << 10;
  private static final long LOWER_HALF = 0xffff_ffffL;

  private final Epochs epochs = new Epochs(1);

  private ArenaMap arena(Budget budget, int pages, long start) {
    MapRegistry registry = new MapRegistry(epochs, budget, 1, (map, field, address, lock) -> {});
    return (ArenaMap)
        registry.create(
            MapSpec.of("arena", MapType.ARENA, 0, 0, pages).withFlags(MMAPABLE).withExtra(start),
            Btf.empty());
  }

  @Test
  void freedPageRestsUntilNoRunCanHoldIt() {
    Budget budget = new Budget(1 << 20, true);
    ArenaMap arena = arena(budget, 4, 0);
    long before = budget.used();
    epochs.enter(0);
    long page = arena.allocate(0, 1);
    long place = arena.place(page & LOWER_HALF, 8);
    arena.store(page & LOWER_HALF, 8, 7);
    arena.release(page, 1);
    assertThat(arena.load(page & LOWER_HALF, 8)).isZero();
    assertThat(epochs.synchronize(Duration.ofMillis(1))).as("the run still holds it").isFalse();
    assertThat(Memory.getLong(place)).isEqualTo(7);
    assertThat(arena.allocate(page, 1)).as("the page is free for others").isEqualTo(page);
    assertThat(arena.load(page & LOWER_HALF, 8)).isZero();
    arena.release(page, 1);
    epochs.exit(0);
    assertThat(epochs.synchronize(Duration.ofSeconds(10))).isTrue();
    assertThat(Memory.getLong(place)).as("poisoned").isEqualTo(0xdddd_dddd_dddd_ddddL);
    assertThat(budget.used()).isEqualTo(before);
  }

  @Test
  void pagesThatTheBudgetDoesNotHaveAreNotThereAndFree() {
    Budget budget = new Budget(8 * Long.BYTES + 3 * PAGE + 100, false);
    ArenaMap arena = arena(budget, 8, 0);
    assertThat(arena.allocate(0, 4)).isZero();
    epochs.synchronize(Duration.ofSeconds(10));
    assertThat(arena.load(arena.start() & LOWER_HALF, 8)).isZero();
    assertThat(arena.allocate(0, 3)).isEqualTo(arena.start());
    assertThat(arena.allocate(0, 1)).isZero();
    arena.release(arena.start(), 8);
    epochs.synchronize(Duration.ofSeconds(10));
    assertThat(arena.allocate(0, 1)).isEqualTo(arena.start());
  }

  /// Against an array of bytes: pages that are there hold what was stored, everything else is 0.
  @Test
  void accessesReachPagesAndNothingElse() {
    for (long start :
        new long[] {1L << 44, (1L << 44) + (1L << 32) - 4 * PAGE, (5L << 33) + 8192}) {
      ArenaMap arena = arena(new Budget(1 << 20, true), 4, start);
      boolean[] there = new boolean[4];
      byte[] expected = new byte[4 * PAGE];
      Random random = new Random(start);
      for (int step = 0; step < 20_000; step++) {
        int size = 1 << random.nextInt(4);
        int offset = random.nextInt(-PAGE, 5 * PAGE);
        if (random.nextBoolean()) {
          offset = random.nextInt(6) * PAGE - PAGE - random.nextInt(9);
        }
        long address = (start & LOWER_HALF) + offset;
        int first = Math.floorDiv(offset, PAGE);
        int last = Math.floorDiv(offset + size - 1, PAGE);
        boolean inside = first >= 0 && last < 4 && there[first] && there[last];
        long value = random.nextLong();
        switch (random.nextInt(100)) {
          case 0 -> {
            int page = random.nextInt(4);
            there[page] |= arena.allocate(start + (long) page * PAGE, 1) != 0;
          }
          case 1 -> {
            int page = random.nextInt(4);
            arena.release(start + (long) page * PAGE, 1);
            there[page] = false;
            java.util.Arrays.fill(expected, page * PAGE, (page + 1) * PAGE, (byte) 0);
          }
          default -> {
            if ((step & 1) == 0) {
              arena.store(address, size, value);
              for (int i = 0; inside && i < size; i++) {
                expected[offset + i] = (byte) (value >>> 8 * i);
              }
            } else {
              long seen = 0;
              for (int i = 0; inside && i < size; i++) {
                seen |= (expected[offset + i] & 0xffL) << 8 * i;
              }
              assertThat(arena.load(address, size)).as("step %d", step).isEqualTo(seen);
            }
          }
        }
      }
    }
  }
}
