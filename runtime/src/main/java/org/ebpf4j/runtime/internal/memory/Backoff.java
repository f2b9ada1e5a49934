package org.ebpf4j.runtime.internal.memory;

/// How to wait for something that takes a few instructions: spin a little, then let other threads
/// run, of which one may be what is waited for.
public final class Backoff {
  private static final int SPINS = 64;

  private Backoff() {}

  /// Waits a moment.
  ///
  /// @param tries how often the caller has waited already
  /// @return one more
  @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is meant
  public static int pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
      return tries + 1;
    }
    Thread.yield();
    return tries;
  }
}
