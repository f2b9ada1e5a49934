package org.ebpf4j.runtime.internal.helper;

import java.util.OptionalLong;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.PerfEventArray;
import org.ebpf4j.runtime.internal.run.Run;

/// Counters of perf events, which the environment gives. Source: `get_map_perf_counter` in Linux
/// 6.18's `kernel/trace/bpf_trace.c`.
final class PerfCounter {
  private PerfCounter() {}

  /// The counter, or a negated errno.
  ///
  /// @param flags the index, or `BPF_F_CURRENT_CPU`
  static long read(Run run, long map, long flags) {
    if (!(run.map(map) instanceof PerfEventArray events)
        || (flags & ~PerfEventArray.INDEX_MASK) != 0) {
      return Errno.EINVAL.negated();
    }
    long index = index(run, flags);
    if (index >= Integer.toUnsignedLong(events.spec().maxEntries())) {
      return Errno.E2BIG.negated();
    }
    OptionalLong counter = run.environment().counter(events.spec().name(), (int) index);
    return counter.isPresent() ? counter.getAsLong() : Errno.ENOENT.negated();
  }

  /// Whether there is such a counter.
  static boolean isKnown(Run run, long map, long flags) {
    return run.map(map) instanceof PerfEventArray events
        && (flags & ~PerfEventArray.INDEX_MASK) == 0
        && index(run, flags) < Integer.toUnsignedLong(events.spec().maxEntries())
        && run.environment().counter(events.spec().name(), (int) index(run, flags)).isPresent();
  }

  private static long index(Run run, long flags) {
    return flags == PerfEventArray.INDEX_MASK ? run.cpu() : flags;
  }
}
