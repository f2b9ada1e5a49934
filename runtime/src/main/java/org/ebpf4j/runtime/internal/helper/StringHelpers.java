package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Numbers from text, and text from numbers. Sources: `kernel/bpf/helpers.c`,
/// `kernel/trace/bpf_trace.c`.
enum StringHelpers implements HelperBody {
  STRTOL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return NumberText.parse(a, b, c, d, true);
    }
  },

  STRTOUL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return NumberText.parse(a, b, c, d, false);
    }
  },

  /// The second string is a constant and ends; the first ends or is as long as its size.
  STRNCMP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      for (long i = 0; i < b; i++) {
        int first = Memory.getByte(a + i) & 0xff;
        int second = Memory.getByte(c + i) & 0xff;
        if (first != second) {
          return first < second ? -1 : 1;
        }
        if (first == 0) {
          return 0;
        }
      }
      return 0;
    }

    @Override
    public HelperBody ofUnproven() {
      return ChangingStrings.STRNCMP;
    }
  },

  SNPRINTF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!FormattedText.takes(d, e)) {
        return Errno.EINVAL.negated();
      }
      return new FormattedText(run, c, Integer.MAX_VALUE, FormattedText.arguments(d, e))
          .store(a, b);
    }

    @Override
    public HelperBody ofUnproven() {
      return ChangingStrings.SNPRINTF;
    }
  },

  TRACE_PRINTK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return new FormattedText(run, a, b, new long[] {c, d, e}).print();
    }
  },

  TRACE_VPRINTK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!FormattedText.takes(c, d)) {
        return Errno.EINVAL.negated();
      }
      return new FormattedText(run, a, b, FormattedText.arguments(c, d)).print();
    }
  }
}
