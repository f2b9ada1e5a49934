package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Reading by addresses that nobody has vouched for. What cannot be read leaves zeros behind.
final class ProbeRead {
  private ProbeRead() {}

  /// Copies bytes; 0 or `EFAULT`.
  static long bytes(Run run, long to, int size, long from) {
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
        return Errno.EFAULT.negated();
      }
      Memory.putByte(to + i, (byte) next);
    }
    return 0;
  }

  /// Copies a string, cut to fit, with its NUL; gives the bytes written, or `EFAULT`.
  static long string(Run run, long to, int size, long from) {
    for (int i = 0; i < size; i++) {
      int next = run.byteAt(from + i);
      if (next < 0) {
        Memory.fill(to, size, (byte) 0);
        return Errno.EFAULT.negated();
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
