package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Looks through strings, byte by byte, as far as the run may read them.
final class TextSearch {
  /// `XATTR_SIZE_MAX`, where Linux's functions give up.
  static final int LONGEST = 65536;

  private static final int PAGE = 4096;

  private TextSearch() {}

  /// A byte of a string, or a negated errno.
  static int byteAt(Run run, long string, int index) {
    if (run.readable(string + index, 1)) {
      return Memory.getByte(string + index) & 0xff;
    }
    boolean none = Long.compareUnsigned(string, PAGE) < 0;
    return none ? Errno.ERANGE.negated() : Errno.EFAULT.negated();
  }

  /// -1, 0 or 1, or a negated errno, of which none is -1 here.
  static int compare(Run run, long a, long b, boolean ignoreCase) {
    for (int i = 0; i < LONGEST; i++) {
      int first = byteAt(run, a, i);
      int second = byteAt(run, b, i);
      if (first < 0 || second < 0) {
        return Math.min(first, second);
      }
      if (ignoreCase) {
        first = lower(first);
        second = lower(second);
      }
      if (first != second) {
        return first < second ? -1 : 1;
      }
      if (first == 0) {
        return 0;
      }
    }
    return Errno.E2BIG.negated();
  }

  /// Latin 1, as the kernel's `tolower` has it.
  private static int lower(int letter) {
    boolean upper =
        (letter >= 'A' && letter <= 'Z') || (letter >= 0xc0 && letter <= 0xde && letter != 0xd7);
    return upper ? letter + ('a' - 'A') : letter;
  }

  /// Where a byte is found first, or a negated errno.
  static long first(Run run, long string, long count, int wanted) {
    int i = 0;
    for (; i < LONGEST && Long.compareUnsigned(i, count) < 0; i++) {
      int found = byteAt(run, string, i);
      if (found < 0) {
        return found;
      }
      if (found == wanted) {
        return i;
      }
      if (found == 0) {
        return Errno.ENOENT.negated();
      }
    }
    return i == LONGEST ? Errno.E2BIG.negated() : Errno.ENOENT.negated();
  }

  /// How long a string is, `count` at most, or a negated errno.
  static long length(Run run, long string, long count) {
    int i = 0;
    for (; i < LONGEST && Long.compareUnsigned(i, count) < 0; i++) {
      int found = byteAt(run, string, i);
      if (found <= 0) {
        return found < 0 ? found : i;
      }
    }
    return i == LONGEST ? Errno.E2BIG.negated() : i;
  }

  /// How many bytes at the beginning are, or are not, in a set; or a negated errno.
  static long span(Run run, long string, long set, boolean inside) {
    for (int i = 0; i < LONGEST; i++) {
      int found = byteAt(run, string, i);
      if (found <= 0) {
        return found < 0 ? found : i;
      }
      long at = first(run, set, LONGEST, found);
      if (at < 0 && at != Errno.ENOENT.negated()) {
        return at;
      }
      if (at >= 0 != inside) {
        return i;
      }
    }
    return Errno.E2BIG.negated();
  }

  /// Where a string is found in the first `length` bytes of another, or a negated errno.
  static long find(Run run, long string, long wanted, long length) {
    for (int i = 0; i < LONGEST; i++) {
      int j = 0;
      boolean differs = false;
      for (; j < LONGEST && Long.compareUnsigned(i + j, length) <= 0 && !differs; j++) {
        int second = byteAt(run, wanted, j);
        if (second <= 0) {
          return second < 0 ? second : i;
        }
        if (i + j == length) {
          return Errno.ENOENT.negated();
        }
        int first = byteAt(run, string, i + j);
        if (first <= 0) {
          return first < 0 ? first : Errno.ENOENT.negated();
        }
        differs = first != second;
      }
      if (j == LONGEST) {
        return Errno.E2BIG.negated();
      }
    }
    return Errno.E2BIG.negated();
  }
}
