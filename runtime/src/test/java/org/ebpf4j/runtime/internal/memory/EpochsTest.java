package org.ebpf4j.runtime.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EpochsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private final Epochs epochs = new Epochs(2);
  private final AtomicInteger freed = new AtomicInteger();

  @Test
  void nothingIsFreedWhileARunThatBeganBeforeGoesOn() {
    epochs.enter(0);
    epochs.retire(freed::incrementAndGet, 1);
    assertThat(epochs.synchronize(Duration.ofMillis(1))).isFalse();
    assertThat(freed).hasValue(0);

    epochs.exit(0);
    assertThat(epochs.synchronize(LONG)).isTrue();
    assertThat(freed).hasValue(1);
  }

  @Test
  void runsThatBeginLaterDoNotDelay() {
    epochs.enter(0);
    epochs.retire(freed::incrementAndGet, 1);
    epochs.reclaim();
    epochs.enter(1);
    epochs.exit(0);
    epochs.reclaim();
    assertThat(freed).hasValue(1);
    epochs.exit(1);
  }

  @Test
  void aRunThatNeverEndsBlocksNobody() {
    epochs.enter(0);
    for (int i = 0; i < 10_000; i++) {
      epochs.retire(freed::incrementAndGet, 1);
    }
    assertThat(freed).hasValue(0);
    epochs.exit(0);
    assertThat(epochs.synchronize(LONG)).isTrue();
    assertThat(freed).hasValue(10_000);
  }

  @Test
  void guardsProtectLikeRuns() {
    try (Guard _ = epochs.guard();
        Guard _ = epochs.guard()) {
      epochs.retire(freed::incrementAndGet, 1);
      assertThat(epochs.synchronize(Duration.ofMillis(1))).isFalse();
      assertThat(freed).hasValue(0);
    }
    assertThat(epochs.synchronize(LONG)).isTrue();
    assertThat(freed).hasValue(1);
  }

  /// Two CPUs and two threads read through a published address; a writer replaces what it points at
  /// and retires the old, which is poisoned when freed. No reader may ever see poison.
  @Test
  void readersNeverSeeFreedMemory() throws Exception {
    Budget budget = new Budget(64 << 20, true);
    AtomicLong published = new AtomicLong(block(budget).address());
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger bad = new AtomicInteger();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> readers = new ArrayList<>();
      for (int cpu = 0; cpu < 2; cpu++) {
        int own = cpu;
        readers.add(
            threads.submit(() -> {
              while (!stop.get()) {
                epochs.enter(own);
                check(published.getPlain(), bad);
                epochs.exit(own);
              }
            }));
        readers.add(
            threads.submit(() -> {
              while (!stop.get()) {
                try (Guard _ = epochs.guard()) {
                  check(published.getPlain(), bad);
                }
              }
            }));
      }
      Block current = block(budget);
      published.set(current.address());
      for (int i = 0; i < 20_000; i++) {
        Block next = block(budget);
        published.set(next.address());
        Block old = current;
        epochs.retire(old::free, old.size());
        current = next;
      }
      stop.set(true);
      for (Future<?> reader : readers) {
        reader.get();
      }
    }
    assertThat(bad).hasValue(0);
    assertThat(epochs.synchronize(LONG)).isTrue();
  }

  private static Block block(Budget budget) {
    Block block = budget.allocate(64, 8).orElseThrow();
    Memory.fill(block.address(), 64, (byte) 1);
    return block;
  }

  private static void check(long address, AtomicInteger bad) {
    for (int i = 0; i < 64; i++) {
      if (Memory.getByte(address + i) != 1) {
        bad.incrementAndGet();
      }
    }
  }
}
