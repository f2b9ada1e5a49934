package org.ebpf4j.runtime.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunsTest {
  /// More than enough runs for a lease.
  private static final int MANY = 30_000;

  private static Runs runs(int cpus) {
    Epochs epochs = new Epochs(cpus);
    KernelObjects objects = new KernelObjects(epochs, new Budget(0, false));
    return new Runs(cpus, epochs, FixedEnvironment.builder().build(), objects, 0, Optional.empty());
  }

  private static void runOften(Runs runs, Seat seat) {
    for (int i = 0; i < MANY; i++) {
      int ticket = begin(runs, seat);
      runs.exit(ticket, seat);
    }
  }

  private static int begin(Runs runs, Seat seat) {
    CpuLease lease = Runs.enterLeased(seat);
    return lease != null ? lease.cpu().number() : runs.enter(seat);
  }

  @Test
  void whoRunsOftenLeasesACpuAndAnotherThreadGetsItBack() throws Exception {
    Runs runs = runs(1);
    Seat seat = new Seat(0);
    runOften(runs, seat);
    CpuLease lease = seat.lease();
    assertThat(lease).isNotNull();
    assertThat(lease.begin()).isTrue();
    runs.exit(0, seat);
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.submit(() -> runOften(runs, new Seat(0))).get();
    }
    assertThat(lease.begin()).isFalse();
    assertThat(begin(runs, seat)).isZero();
    assertThat(seat.lease()).isNull();
  }

  @Test
  void callersOnOneThreadShareItsCpu() {
    Runs runs = runs(4);
    Seat first = new Seat(0);
    Seat second = new Seat(3);
    int ticket = begin(runs, first);
    assertThat(begin(runs, second)).isEqualTo(~ticket);
    runs.exit(ticket, first);
    runOften(runs, first);
    assertThat(begin(runs, second)).isZero();
    assertThat(begin(runs, first)).isEqualTo(~0);
    runs.exit(0, second);
    runs.leave(second);
    assertThat(begin(runs, first)).isZero();
    assertThat(first.lease()).isNull();
  }

  @Test
  void aCpuHasOneOwner() throws Exception {
    Runs runs = runs(2);
    long[] counts = new long[2];
    long total = 0;
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      List<Future<Long>> threads = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        int seed = thread;
        threads.add(executor.submit(() -> countOnCpus(runs, counts, seed)));
      }
      for (Future<Long> thread : threads) {
        total += thread.get();
      }
    }
    assertThat(counts[0] + counts[1]).isEqualTo(total);
  }

  /// Counts without atomic operations, now and then from inside, and rests in between, so that
  /// leases come and go.
  private static long countOnCpus(Runs runs, long[] counts, int seed) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    Seat outer = runs.seat();
    Seat inner = runs.seat();
    long done = 0;
    for (int round = 0; round < 20; round++) {
      for (int i = random.nextInt(60_000); i > 0; i--) {
        int ticket = begin(runs, outer);
        counts[ticket]++;
        done++;
        if ((i & 15) == 0) {
          counts[~begin(runs, inner)]++;
          done++;
        }
        runs.exit(ticket, outer);
      }
      Thread.sleep(random.nextInt(3));
    }
    return done;
  }
}
