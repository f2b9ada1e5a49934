package org.ebpf4j.verifier.internal.outcome;

import java.io.Serial;

/// The walk ends: the program needs something that the verifier does not know or was not given.
public final class NotJudged extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public NotJudged(String reason) {
    super(reason, null, false, false);
  }

  public String reason() {
    return String.valueOf(getMessage());
  }
}
