package org.ebpf4j.runtime.internal.map;

/// One free element at hand for each CPU. Only who owns the CPU touches its place, so that taking
/// and giving are no atomic operations.
final class SpareElements {
  /// The CPU of a caller that owns none, such as a thread of the application.
  static final int NO_CPU = -1;

  /// Ints between places: cache lines of their own.
  private static final int SPACING = 32;

  /// By CPU: an element's index and 1 more, or 0.
  private final int[] places;

  private final int cpus;

  /// @param cpus how many CPUs keep one: those with the lowest numbers
  SpareElements(int cpus) {
    this.cpus = cpus;
    this.places = new int[(cpus + 1) * SPACING];
  }

  /// The element of a CPU, or [ElementPool#NONE].
  int take(int cpu) {
    if (cpu < 0 || cpu >= cpus) {
      return ElementPool.NONE;
    }
    int at = (cpu + 1) * SPACING;
    int index = places[at] - 1;
    places[at] = 0;
    return index;
  }

  /// Keeps an element for a CPU, if there is none.
  boolean put(int index, int cpu) {
    if (cpu < 0 || cpu >= cpus) {
      return false;
    }
    int at = (cpu + 1) * SPACING;
    if (places[at] != 0) {
      return false;
    }
    places[at] = index + 1;
    return true;
  }
}
