package org.ebpf4j.cli.bench;

import java.util.ArrayList;
import java.util.List;

/// The first runs of a subject, while it gets faster.
final class BenchWarmUp {
  /// Two points of the curve are at least this factor of time apart.
  private static final double STEP = 1.1;

  /// How much slower than at the end counts as the peak, to be above noise.
  private static final double NEAR = 1.1;

  private static final int LARGEST_BATCH = 1000;

  /// A subject that still gets faster runs longer than it was told to, up to so many times.
  private static final int MOST_TIMES = 10;

  private final List<BenchRow.Point> points = new ArrayList<>();
  private long firstRunNanos;

  /// Runs the subject for some time from its first run on, and longer while it gets faster: a large
  /// program takes HotSpot many seconds.
  BenchWarmUp(BenchSubject subject, long nanos) {
    long start = System.nanoTime();
    double took = subject.run(0, 1);
    firstRunNanos = subject.loadNanos() + (System.nanoTime() - start);
    points.add(new BenchRow.Point(1 + (long) took, took));
    double sum = 0;
    int batches = 0;
    double due = 2 * took;
    int packet = 0;
    for (int repeat = 1; ; repeat = Math.min(repeat * 2, LARGEST_BATCH)) {
      sum += subject.run(packet, repeat);
      batches++;
      packet = (packet + 1) % subject.packets();
      long since = System.nanoTime() - start;
      if (since >= due) {
        points.add(new BenchRow.Point(since, sum / batches));
        due = since * STEP;
        sum = 0;
        batches = 0;
      }
      boolean settled = !subject.isInterpretedForNow() && isSettled(since);
      if (since >= nanos && (settled || since >= MOST_TIMES * nanos)) {
        return;
      }
    }
  }

  /// Whether runs take about as long as when half the time had passed.
  private boolean isSettled(long since) {
    double last = points.getLast().runNanos();
    for (BenchRow.Point point : points.reversed()) {
      if (2 * point.sinceNanos() <= since) {
        return point.runNanos() <= last * NEAR;
      }
    }
    return false;
  }

  long firstRunNanos() {
    return firstRunNanos;
  }

  List<BenchRow.Point> points() {
    return List.copyOf(points);
  }

  /// About how long a run takes now.
  double runNanos() {
    return points.getLast().runNanos();
  }

  /// When it was as fast as at the end for the first time: `end`, or nearly so.
  long peakNanos(double end) {
    for (BenchRow.Point point : points) {
      if (point.runNanos() <= end * NEAR) {
        return point.sinceNanos();
      }
    }
    return points.getLast().sinceNanos();
  }
}
