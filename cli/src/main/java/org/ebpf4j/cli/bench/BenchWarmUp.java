package org.ebpf4j.cli.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
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
  private static final int MOST_TIMES = 20;

  /// Which part of the time HotSpot's compilers may take when all is done that matters here.
  private static final double IDLE = 0.1;

  private final CompilationMXBean hotSpot = ManagementFactory.getCompilationMXBean();
  private final List<BenchRow.Point> points = new ArrayList<>();

  /// By point: for how long HotSpot had compiled until then, in milliseconds.
  private final List<Long> compileMillis = new ArrayList<>();

  private long firstRunNanos;

  /// Runs the subject for some time from its first run on, and longer while it gets faster: a large
  /// program takes HotSpot many seconds.
  BenchWarmUp(BenchSubject subject, long nanos) {
    long start = System.nanoTime();
    double took = subject.run(0, 1);
    firstRunNanos = subject.loadNanos() + (System.nanoTime() - start);
    add(1 + (long) took, took);
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
        add(since, sum / batches);
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

  private void add(long since, double runNanos) {
    points.add(new BenchRow.Point(since, runNanos));
    compileMillis.add(hotSpot.getTotalCompilationTime());
  }

  /// Whether runs take about as long as when half the time had passed, and HotSpot has compiled
  /// little since: the parts of a large program get fast one after the other.
  private boolean isSettled(long since) {
    double last = points.getLast().runNanos();
    for (int i = points.size() - 1; i >= 0; i--) {
      BenchRow.Point point = points.get(i);
      if (2 * point.sinceNanos() <= since) {
        double compiled = (compileMillis.getLast() - compileMillis.get(i)) * 1e6;
        return point.runNanos() <= last * NEAR && compiled <= IDLE * (since - point.sinceNanos());
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
