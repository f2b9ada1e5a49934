package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.ebpf4j.error.EbpfException;
import org.junit.jupiter.api.Test;

/// Several threads do at random all that the API lets them do, to things that they share, with
/// freed memory poisoned. The JVM lives, nobody sees freed memory, and who comes late is told so by
/// an [EbpfException] or an [IllegalStateException].
///
/// It ends after some seconds, when everything was done at least once.
/// `-Debpf4j.stress.seconds=600` runs it for longer, `-Debpf4j.stress.seed=N` from another seed.
class LifetimeStressTest {
  private static final int THREADS = 5;
  private static final long SECONDS = Long.getLong("ebpf4j.stress.seconds", 3);
  private static final long SEED = Long.getLong("ebpf4j.stress.seed", System.nanoTime());

  @Test
  void noSequenceOfCallsHarmsTheJvm() throws Exception {
    System.out.println("-Debpf4j.stress.seed=" + SEED);
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + SECONDS * 1_000_000_000;
    SharedThings shared = new SharedThings();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(SEED + i);
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("stress-" + i)
              .start(() -> act(shared, random, end, failures)));
    }
    for (Thread thread : threads) {
      thread.join(SECONDS * 1000 + 60_000);
      assertThat(thread.isAlive()).as(() -> hung(thread)).isFalse();
    }
    shared.close();
    System.out.println(shared.counts());
    failures.stream().findFirst().ifPresent(LifetimeStressTest::fail);
    assertThat(shared.poisonSeen()).isZero();
  }

  private static void act(
      SharedThings shared, SplittableRandom random, long end, Queue<Throwable> failures) {
    while ((System.nanoTime() < end || !shared.didEverything()) && failures.isEmpty()) {
      try {
        shared.act(random);
      } catch (EbpfException | IllegalStateException late) {
        assertThat(late).hasMessageMatching("(?s).+");
      } catch (Throwable unexpected) {
        failures.add(unexpected);
      }
    }
  }

  private static void fail(Throwable failure) {
    throw new AssertionError("seed " + SEED + ": " + failure, failure);
  }

  private static String hung(Thread thread) {
    StringBuilder text = new StringBuilder("seed " + SEED + ", " + thread + " hangs");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n  at ").append(frame);
    }
    return text.toString();
  }
}
