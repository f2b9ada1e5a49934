package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.run.Run;

/// Clocks and random numbers. Source: `kernel/bpf/helpers.c`; the tick is 1 ms (`CONFIG_HZ` 1000).
enum TimeHelpers implements HelperBody {
  KTIME_GET_NS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().monotonicNanos();
    }
  },

  KTIME_GET_BOOT_NS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().bootNanos();
    }
  },

  /// As of the last tick.
  KTIME_GET_COARSE_NS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long now = run.environment().monotonicNanos();
      return now - now % TICK_NANOS;
    }
  },

  KTIME_GET_TAI_NS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().taiNanos();
    }
  },

  /// Ticks since five minutes before the boot, as Linux counts them, so that 32 bits wrap early.
  JIFFIES64 {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return INITIAL_JIFFIES + run.environment().monotonicNanos() / TICK_NANOS;
    }
  },

  GET_PRANDOM_U32 {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().random() & 0xffff_ffffL;
    }
  };

  private static final long TICK_NANOS = 1_000_000;

  /// `INITIAL_JIFFIES` in `include/linux/jiffies.h`.
  private static final long INITIAL_JIFFIES = 0x1_0000_0000L - 300 * 1000;
}
