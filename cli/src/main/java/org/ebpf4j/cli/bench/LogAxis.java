package org.ebpf4j.cli.bench;

import java.util.ArrayList;
import java.util.List;

/// An axis of a plot on which each factor of ten takes the same room.
///
/// @param low the value at `from`, above 0
/// @param high the value at `to`
/// @param from where it begins, in the plot's units
/// @param to where it ends
record LogAxis(double low, double high, double from, double to) {
  private static final double MARGIN = 1.25;

  /// An axis that shows all values with a little room around them.
  static LogAxis around(double least, double greatest, double from, double to) {
    return new LogAxis(least / MARGIN, greatest * MARGIN, from, to);
  }

  double at(double value) {
    return from + (to - from) * Math.log(value / low) / Math.log(high / low);
  }

  /// The round values on it: powers of ten, with 2 and 5 times of them where there are few.
  List<Double> ticks() {
    boolean wide = high / low > 200;
    List<Double> ticks = new ArrayList<>();
    for (double power = Math.pow(10, Math.floor(Math.log10(low))); power <= high; power *= 10) {
      for (int factor : wide ? new int[] {1} : new int[] {1, 2, 5}) {
        double tick = power * factor;
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    return ticks;
  }
}
