package org.ebpf4j;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;

/// A run that could not begin: input that the program type does not take, or a host over its
/// limits.
public final class RunException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String program;
  private final Errno errno;

  public RunException(String program, Errno errno, String reason) {
    super("program %s: %s (%s)".formatted(program, reason, errno));
    this.program = program;
    this.errno = errno;
  }

  public String program() {
    return program;
  }

  public Errno errno() {
    return errno;
  }
}
