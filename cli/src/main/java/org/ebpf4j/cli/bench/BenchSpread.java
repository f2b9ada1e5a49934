package org.ebpf4j.cli.bench;

import java.util.List;

/// How figures of many rounds lie, in nanoseconds for a run.
///
/// @param p10 a tenth of the rounds took less
/// @param p90 a tenth of the rounds took more
/// @param rounds how many there were
record BenchSpread(double median, double p10, double p90, int rounds) {

  static BenchSpread of(List<Double> figures) {
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new BenchSpread(at(sorted, 0.5), at(sorted, 0.1), at(sorted, 0.9), sorted.length);
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
