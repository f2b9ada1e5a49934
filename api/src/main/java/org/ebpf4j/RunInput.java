package org.ebpf4j;

/// What one run is given.
///
/// @param data packet bytes; none for program types without a packet
/// @param context the context in uapi layout, shorter than the whole where the rest is zero, or
///   longer by zeros; fields that the host fills itself (`data`, `data_end`) are ignored
/// @param repeat how often to run, at least 1; the last run's result counts. The packet and context
///   are given anew each time in the JVM. Linux repeats by itself, and each run gets the packet as
///   the run before left it
public record RunInput(byte[] data, byte[] context, int repeat) {
  private static final byte[] NONE = {};

  public RunInput {
    if (repeat < 1) {
      throw new IllegalArgumentException("repeat is at least 1, not " + repeat);
    }
  }

  /// A packet, with a context of zeros.
  public static RunInput packet(byte[] bytes) {
    return new RunInput(bytes, NONE, 1);
  }

  /// A context alone.
  public static RunInput context(byte[] bytes) {
    return new RunInput(NONE, bytes, 1);
  }

  /// Neither packet nor context.
  public static RunInput none() {
    return new RunInput(NONE, NONE, 1);
  }

  public RunInput withContext(byte[] newContext) {
    return new RunInput(data, newContext, repeat);
  }

  public RunInput withRepeat(int newRepeat) {
    return new RunInput(data, context, newRepeat);
  }
}
