package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.run.Run;

/// Timers in map values. Source: `kernel/bpf/helpers.c`.
enum TimerHelpers implements HelperBody {
  TIMER_INIT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.timers().init(run.map(b), a, SpecialFields.Kind.TIMER, c);
    }
  },

  TIMER_SET_CALLBACK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.timers().setCallback(run, a, b);
    }
  },

  TIMER_START {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.timers().start(run, a, b, c);
    }
  },

  TIMER_CANCEL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.timers().cancel(a);
    }
  }
}
