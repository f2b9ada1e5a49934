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
  },

  SNPRINTF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (e % Long.BYTES != 0 || e > MOST_ARGUMENTS * Long.BYTES || (e > 0 && d == 0)) {
        return Errno.EINVAL.negated();
      }
      return new FormattedText(run, c, Integer.MAX_VALUE, arguments(d, e)).store(a, b);
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
      if (d % Long.BYTES != 0 || d > MOST_ARGUMENTS * Long.BYTES || (d > 0 && c == 0)) {
        return Errno.EINVAL.negated();
      }
      return new FormattedText(run, a, b, arguments(c, d)).print();
    }
  };

  /// `MAX_BPRINTF_VARARGS`.
  private static final int MOST_ARGUMENTS = 12;

  private static long[] arguments(long address, long size) {
    long[] arguments = new long[(int) size / Long.BYTES];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = Memory.getLong(address + (long) i * Long.BYTES);
    }
    return arguments;
  }
}
