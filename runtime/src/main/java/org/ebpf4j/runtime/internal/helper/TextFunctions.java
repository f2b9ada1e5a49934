package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.run.Run;

/// Strings in memory that need not be there: what cannot be read is `EFAULT`, or `ERANGE` for null,
/// and a string that does not end is `E2BIG`. Places are counted from the string's first byte.
///
/// Source: Linux 6.18's `kernel/bpf/helpers.c`.
enum TextFunctions implements HelperBody {
  BPF_STRCMP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.compare(run, a, b, false);
    }
  },

  BPF_STRCASECMP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.compare(run, a, b, true);
    }
  },

  BPF_STRNCHR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.first(run, a, b, (int) c & 0xff);
    }
  },

  BPF_STRCHR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.first(run, a, TextSearch.LONGEST, (int) b & 0xff);
    }
  },

  /// Where the byte or the end is.
  BPF_STRCHRNUL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int wanted = (int) b & 0xff;
      for (int i = 0; i < TextSearch.LONGEST; i++) {
        int found = TextSearch.byteAt(run, a, i);
        if (found <= 0 || found == wanted) {
          return found < 0 ? found : i;
        }
      }
      return Errno.E2BIG.negated();
    }
  },

  BPF_STRRCHR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long last = Errno.ENOENT.negated();
      for (int i = 0; i < TextSearch.LONGEST; i++) {
        int found = TextSearch.byteAt(run, a, i);
        if (found < 0) {
          return found;
        }
        last = found == ((int) b & 0xff) ? i : last;
        if (found == 0) {
          return last;
        }
      }
      return Errno.E2BIG.negated();
    }
  },

  BPF_STRLEN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.length(run, a, TextSearch.LONGEST);
    }
  },

  BPF_STRNLEN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.length(run, a, b);
    }
  },

  /// Bytes at the beginning that are in the other string.
  BPF_STRSPN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.span(run, a, b, true);
    }
  },

  /// Bytes at the beginning that are not in the other string.
  BPF_STRCSPN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.span(run, a, b, false);
    }
  },

  BPF_STRSTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.find(run, a, b, TextSearch.LONGEST);
    }
  },

  BPF_STRNSTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return TextSearch.find(run, a, b, c);
    }
  }
}
