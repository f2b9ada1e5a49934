package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Reading by addresses that nobody has vouched for. What cannot be read leaves zeros behind.
///
/// Source: `kernel/trace/bpf_trace.c`, `mm/maccess.c` and, for which addresses are the kernel's,
/// `arch/x86/mm/maccess.c`.
final class ProbeRead {
  /// Whose memory a helper reads, which makes a difference where nothing is.
  enum Space {
    USER,
    KERNEL,
    /// As the address says.
    EITHER;

    /// `ERANGE` for what cannot be an address of the kernel, such as a null pointer.
    private Errno error(long address) {
      boolean upper = address >> 47 == -1;
      boolean lower = address >>> 47 == 0;
      return this == USER || upper || (this == EITHER && lower) ? Errno.EFAULT : Errno.ERANGE;
    }
  }

  private ProbeRead() {}

  /// Copies bytes; 0, `EFAULT` or `ERANGE`.
  static long bytes(Run run, long to, int size, long from, Space space) {
    if (size == 0) {
      return 0;
    }
    if (run.readable(from, size)) {
      Memory.copy(from, to, size);
      return 0;
    }
    for (int i = 0; i < size; i++) {
      int next = run.byteAt(from + i);
      if (next < 0) {
        Memory.fill(to, size, (byte) 0);
        return (i == 0 ? space.error(from) : Errno.EFAULT).negated();
      }
      Memory.putByte(to + i, (byte) next);
    }
    return 0;
  }

  /// Copies a string, cut to fit, with its NUL; gives the bytes written, `EFAULT` or `ERANGE`.
  static long string(Run run, long to, int size, long from, Space space) {
    for (int i = 0; i < size; i++) {
      int next = run.byteAt(from + i);
      if (next < 0) {
        Memory.fill(to, size, (byte) 0);
        return (i == 0 ? space.error(from) : Errno.EFAULT).negated();
      }
      byte character = i == size - 1 ? 0 : (byte) next;
      Memory.putByte(to + i, character);
      if (character == 0) {
        return i + 1L;
      }
    }
    return 0;
  }
}
