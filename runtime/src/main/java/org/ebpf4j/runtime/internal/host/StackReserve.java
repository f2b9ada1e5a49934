package org.ebpf4j.runtime.internal.host;

/// Room on the thread's stack for a whole run. A `StackOverflowError` in the middle of a map's
/// change would leave a lock taken for ever; thrown here, before anything is taken, it harms
/// nobody. A recursion that runs away through a hook meets it sooner or later.
final class StackReserve {
  /// Interpreted, a frame of [#descend] takes some 250 bytes, and compiled 80. A run needs about 6
  /// KB interpreted.
  private static final int FRAMES = 96;

  private StackReserve() {}

  /// Takes some tens of nanoseconds.
  ///
  /// @throws StackOverflowError if there is not enough
  static void require() {
    if (descend(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
      throw new IllegalStateException("the sum of numbers above 0 is 0");
    }
  }

  /// All numbers are used after the call, so that they are kept on the stack.
  private static long descend(int frames, long a, long b, long c, long d, long e, long f) {
    long below = frames == 0 ? 1 : descend(frames - 1, b, c, d, e, f, a);
    return below + (a | b | c | d | e | f);
  }
}
