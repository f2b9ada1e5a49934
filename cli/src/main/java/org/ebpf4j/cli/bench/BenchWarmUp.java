package org.ebpf4j.cli.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// The first runs of a subject, while it gets faster.
final class BenchWarmUp {
  /// Two points of the curve are at least this factor of time apart.
  private static final double STEP = 1.1;

  /// How much slower than at the end counts as the peak, to be above noise.
  private static final double NEAR = 1.1;

  private static final int LARGEST_BATCH = 1000;

  /// Nanoseconds in a batch, about, where runs are short.
  private static final double BATCH = 1_000_000;

  /// Nanoseconds of runs that are looked at together.
  private static final double WINDOW = 10_000_000;

  private static final double SECOND = 1e9;

  /// A subject that still gets faster runs longer than it was told to, up to so many times.
  private static final int MOST_TIMES = 20;

  /// Which part of the time HotSpot's compilers may take when all is done that matters here.
  private static final double IDLE = 0.1;

  private final CompilationMXBean hotSpot = ManagementFactory.getCompilationMXBean();
  private final List<BenchRow.Point> points = new ArrayList<>();

  /// By point: for how long HotSpot had compiled until then, in milliseconds.
  private final List<Long> compileMillis = new ArrayList<>();

  private long firstRunNanos;
  private OptionalDouble slowestLater = OptionalDouble.empty();

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
    Window window = new Window();
    for (int repeat = 1; ; repeat = Math.min(repeat * 2, atMost(took))) {
      took = subject.run(packet, repeat);
      sum += took;
      batches++;
      packet = (packet + 1) % subject.packets();
      long since = System.nanoTime() - start;
      if (window.add(took, repeat) && subject.loadNanos() + since >= SECOND + WINDOW) {
        slowestLater = OptionalDouble.of(Math.max(window.median(), slowestLater.orElse(0)));
      }
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

  private static int atMost(double runNanos) {
    return (int) Math.clamp(BATCH / runNanos, 1, LARGEST_BATCH);
  }

  /// Batches in a row.
  private static final class Window {
    private final List<Double> batches = new ArrayList<>();
    private double nanos;
    private double median;

    /// Adds a batch, and tells whether a window is full with it.
    boolean add(double runNanos, int repeat) {
      batches.add(runNanos);
      nanos += runNanos * repeat;
      if (nanos < WINDOW) {
        return false;
      }
      median = BenchSpread.of(batches).median();
      batches.clear();
      nanos = 0;
      return true;
    }

    /// How long runs took in most batches of the last full window: in some, the machine may have
    /// done something else.
    double median() {
      return median;
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

  /// How long runs took when they were slowest, the median of 10 milliseconds, later than a second
  /// after loading began; nothing if it was all over by then.
  OptionalDouble slowestLater() {
    return slowestLater;
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
