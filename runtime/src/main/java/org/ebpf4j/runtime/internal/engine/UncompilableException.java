package org.ebpf4j.runtime.internal.engine;

import java.io.Serial;

/// A program that the compiler leaves to the interpreter. The message says why.
public final class UncompilableException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public UncompilableException(String reason) {
    super(reason);
  }
}
