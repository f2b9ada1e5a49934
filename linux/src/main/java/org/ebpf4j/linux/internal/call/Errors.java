package org.ebpf4j.linux.internal.call;

import org.ebpf4j.error.Errno;
import org.ebpf4j.sys.SystemCallException;

/// Linux's error numbers as [Errno].
public final class Errors {
  private Errors() {}

  /// The error of a negative result. Numbers that no one should see (the kernel leaks a few of its
  /// own, above 512) count as `EIO`.
  public static Errno of(long negative) {
    return Errno.of((int) -negative).orElse(Errno.EIO);
  }

  public static Errno of(SystemCallException failure) {
    return of(-failure.errno());
  }
}
