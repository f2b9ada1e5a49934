package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// The [StringHelpers] that take a constant string, for programs that were not proven. There it may
/// be any memory, which others may write to once it was found to end: each byte is asked for.
enum ChangingStrings implements HelperBody {
  STRNCMP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      for (long i = 0; i < b; i++) {
        int first = Memory.getByte(a + i) & 0xff;
        int second = byteAt(run, c, i);
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
      if (!FormattedText.takes(d, e)) {
        return Errno.EINVAL.negated();
      }
      int bytes = 1;
      while (byteAt(run, c, bytes - 1) != 0) {
        bytes++;
      }
      return new FormattedText(run, c, bytes, FormattedText.arguments(d, e)).store(a, b);
    }
  };

  private static int byteAt(Run run, long string, long index) {
    int found = TextSearch.byteAt(run, string + index, 0);
    if (found < 0) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          string,
          "the string at 0x%x was changed while a helper read it, and does not end any more"
              .formatted(string));
    }
    return found;
  }
}
