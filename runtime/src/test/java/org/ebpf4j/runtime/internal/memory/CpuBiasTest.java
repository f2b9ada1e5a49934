package org.ebpf4j.runtime.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CpuBiasTest {
  private static final int CPUS = 3;
  private static final int ALONE = 5_000;
  private static final int ROUNDS = 20;

  private final CpuBias bias = new CpuBias(CPUS);
  private final AtomicBoolean lock = new AtomicBoolean();

  /// Guarded by the lock or the bias.
  private long counted;

  @Test
  void whoIsAloneGetsTheBiasAndLosesItWhenAnotherComes() {
    assertThat(bias.enter(1)).isFalse();
    for (int i = 0; i < ALONE; i++) {
      count(1);
    }

    assertThat(bias.enter(1)).isTrue();
    bias.exit(1);
    assertThat(bias.enter(0)).isFalse();

    count(0);
    assertThat(bias.enter(1)).isFalse();
    assertThat(counted).isEqualTo(ALONE + 1);
  }

  @Test
  void callersWithoutCpuNeverGetIt() {
    assertThat(bias.enter(-1)).isFalse();
    for (int i = 0; i < ALONE; i++) {
      count(-1);
    }
    assertThat(bias.enter(-1)).isFalse();
    assertThat(bias.isFree()).isTrue();
  }

  /// One CPU counts all the time and has the bias mostly; the others come now and then.
  @Test
  void noCountIsLost() throws InterruptedException {
    Thread busy =
        new Thread(() -> {
          for (int i = 0; i < ROUNDS * ALONE; i++) {
            count(0);
          }
        });
    Thread seldom =
        new Thread(() -> {
          for (int i = 0; i < ROUNDS; i++) {
            count(i % 2 == 0 ? 1 : -1);
            Thread.yield();
          }
        });
    busy.start();
    seldom.start();
    busy.join();
    seldom.join();

    assertThat(counted).isEqualTo(ROUNDS * ALONE + ROUNDS);
  }

  /// As a user of the bias does it.
  private void count(int cpu) {
    if (bias.enter(cpu)) {
      while (lock.get()) {
        Thread.onSpinWait();
      }
      counted++;
      bias.exit(cpu);
      return;
    }
    while (true) {
      if (!lock.compareAndSet(false, true)) {
        Thread.onSpinWait();
      } else if (bias.isFree()) {
        bias.count(cpu);
        counted++;
        lock.set(false);
        return;
      } else {
        lock.set(false);
        bias.revoke();
      }
    }
  }
}
