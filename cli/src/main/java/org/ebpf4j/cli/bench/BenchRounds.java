package org.ebpf4j.cli.bench;

import java.util.ArrayList;
import java.util.List;

/// Measures subjects side by side: in each round every one runs for a short while, so that what
/// else the machine does meets all alike.
final class BenchRounds {
  /// How long a subject runs in one round, about.
  private static final double ROUND_NANOS = 5_000_000;

  private static final int MOST_REPEATS = 100_000;
  private static final int FEWEST_ROUNDS = 5;

  private final List<Lane> lanes = new ArrayList<>();

  /// What runs in each round, and what came of it.
  private static final class Lane {
    private final BenchSubject subject;
    private final int repeat;
    private final List<Double> figures = new ArrayList<>();

    Lane(BenchSubject subject, double runNanos) {
      this.subject = subject;
      double repeats = ROUND_NANOS / Math.max(runNanos, 1) / subject.packets();
      this.repeat = (int) Math.clamp(repeats, 1, MOST_REPEATS);
    }

    void round() {
      double sum = 0;
      for (int packet = 0; packet < subject.packets(); packet++) {
        sum += subject.run(packet, repeat);
      }
      figures.add(sum / subject.packets());
    }
  }

  /// @param runNanos about how long a run takes
  void add(BenchSubject subject, double runNanos) {
    lanes.add(new Lane(subject, runNanos));
  }

  /// Measures for some time, and a few rounds at least.
  void measure(long nanos) {
    long start = System.nanoTime();
    for (int round = 0; round < FEWEST_ROUNDS || System.nanoTime() - start < nanos; round++) {
      // From another one each time, so that none always comes after the same.
      for (int i = 0; i < lanes.size(); i++) {
        lanes.get((round + i) % lanes.size()).round();
      }
    }
  }

  /// What was measured of the subject that was added as number `lane`.
  BenchSpread spread(int lane) {
    return BenchSpread.of(lanes.get(lane).figures);
  }
}
