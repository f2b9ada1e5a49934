package org.ebpf4j.cli.bench;

import java.util.List;
import java.util.OptionalDouble;

/// What was measured of one setting.
///
/// @param loadNanos loading, verification and maps included
/// @param firstRunNanos from the beginning of loading to the end of the first run
/// @param peakNanos from the first run until runs took no longer than a tenth more than at the end
/// @param slowestLater how long runs took when they were slowest, by the median of 10 milliseconds,
///   later than a second after loading began
/// @param run a run
/// @param empty a run of an empty program of the same type: what the host itself takes
/// @param warmUp how long runs took at first
record BenchRow(
    BenchSetting setting,
    long loadNanos,
    long firstRunNanos,
    long peakNanos,
    OptionalDouble slowestLater,
    BenchSpread run,
    BenchSpread empty,
    List<Point> warmUp) {

  /// @param sinceNanos time since the first run
  /// @param runNanos mean time of a run then
  record Point(long sinceNanos, double runNanos) {}
}
