package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.run.Run;

/// Work that map values have done later (`struct bpf_wq`): a timer that is due at once. Source:
/// Linux 6.18's `kernel/bpf/helpers.c`.
enum WorkFunctions implements HelperBody {
  BPF_WQ_INIT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return (int) c != 0
          ? Errno.EINVAL.negated()
          : run.timers().init(run.map(b), a, Kind.WORKQUEUE, MONOTONIC);
    }
  },

  BPF_WQ_SET_CALLBACK_IMPL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return (int) c != 0 ? Errno.EINVAL.negated() : run.timers().setCallback(run, a, b);
    }
  },

  BPF_WQ_START {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return (int) b != 0 ? Errno.EINVAL.negated() : run.timers().start(run, a, 0, 0);
    }
  };

  /// `CLOCK_MONOTONIC`.
  private static final long MONOTONIC = 1;
}
