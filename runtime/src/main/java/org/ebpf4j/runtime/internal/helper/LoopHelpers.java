package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.run.Run;

/// Loops over a function of the program, and sections under a lock. Source:
/// `kernel/bpf/bpf_iter.c`, `kernel/bpf/helpers.c`.
enum LoopHelpers implements HelperBody {
  /// Calls `long callback(index, context)` until it gives other than 0; the number of calls.
  LOOP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (d != 0) {
        return Errno.EINVAL.negated();
      }
      int count = (int) a;
      if (Integer.compareUnsigned(count, Run.MOST_LOOPS) > 0) {
        return Errno.E2BIG.negated();
      }
      for (int i = 0; i < count; i++) {
        if (run.call(b, i, c, 0, 0, 0) != 0) {
          return i + 1L;
        }
      }
      return count;
    }
  },

  SPIN_LOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SpinLockHold.lock(run, a);
      return 0;
    }
  },

  SPIN_UNLOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      SpinLockHold.unlock(run, a);
      return 0;
    }
  }
}
