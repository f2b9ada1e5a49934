package org.ebpf4j.linux;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;

/// Something the kernel refused, other than loading, map operations and runs, which have exceptions
/// of their own: opening objects, pinning, asking about them.
public final class KernelException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String operation;
  private final Errno errno;
  private final String advice;

  /// @param operation what was tried, on what, such as `pin map counters to /sys/fs/bpf/counters`
  /// @param errno what Linux said
  /// @param advice why that may be and what to do
  public KernelException(String operation, Errno errno, String advice) {
    super("cannot %s: %s (%s)".formatted(operation, advice, errno));
    this.operation = operation;
    this.errno = errno;
    this.advice = advice;
  }

  public String operation() {
    return operation;
  }

  public Errno errno() {
    return errno;
  }

  /// Why that may be and what to do.
  public String advice() {
    return advice;
  }
}
