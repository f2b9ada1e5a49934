package org.ebpf4j.sys;

import java.io.Serial;
import java.util.Locale;

/// A system call that failed.
public final class SystemCallException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final SystemCall call;
  private final int errno;

  /// @param call what was tried
  /// @param errno Linux's error number, positive
  public SystemCallException(SystemCall call, int errno) {
    super("%s failed with errno %d".formatted(call.name().toLowerCase(Locale.ROOT), errno));
    this.call = call;
    this.errno = errno;
  }

  public SystemCall call() {
    return call;
  }

  /// Linux's error number, positive.
  public int errno() {
    return errno;
  }
}
