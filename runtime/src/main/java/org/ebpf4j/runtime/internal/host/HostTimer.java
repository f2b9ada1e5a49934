package org.ebpf4j.runtime.internal.host;

import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.jspecify.annotations.Nullable;

/// One timer of a map value. All but `servant` is guarded by the lock of [HostTimers].
final class HostTimer implements Comparable<HostTimer> {
  /// The map that the value is in, and where the value begins.
  final RuntimeMap map;

  final long value;
  final int clock;

  /// Orders timers that are due at the same moment.
  final long number;

  /// What it calls; its maps are held as long as it is here.
  @Nullable LinkedProgram program;

  long function;

  /// When it is due, by the monotonic clock; orders the queue, so it changes outside of it only.
  long deadline;

  /// The CPU it was started on.
  int cpu;

  boolean pinned;
  boolean armed;

  /// The thread that runs its callback.
  volatile @Nullable Thread servant;

  HostTimer(RuntimeMap map, long value, int clock, long number) {
    this.map = map;
    this.value = value;
    this.clock = clock;
    this.number = number;
  }

  /// Clocks may run over, so deadlines compare by their distance, as those of [System#nanoTime].
  @Override
  public int compareTo(HostTimer other) {
    long distance = deadline - other.deadline;
    return distance == 0 ? Long.compare(number, other.number) : Long.signum(distance);
  }
}
