package org.ebpf4j.runtime.internal.run;

import java.io.Serial;

/// An exception of a program (`bpf_throw`) on its way to where the program began, past all frames
/// of its functions. It has no stack trace: nobody asks where it came from.
public final class Thrown extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final long cookie;

  public Thrown(long cookie) {
    super("bpf_throw", null, false, false);
    this.cookie = cookie;
  }

  /// What the program threw: its exception callback's argument, and what it returns without one.
  public long cookie() {
    return cookie;
  }
}
