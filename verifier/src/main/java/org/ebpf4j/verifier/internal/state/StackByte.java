package org.ebpf4j.verifier.internal.state;

/// What a byte of the stack holds: bytes rather than an enum, for states are copied often.
public final class StackByte {
  /// Nothing written yet.
  public static final byte INVALID = 0;

  /// Part of a spilled register.
  public static final byte SPILL = 1;

  /// Something.
  public static final byte MISC = 2;

  /// The number 0.
  public static final byte ZERO = 3;

  /// Part of a dynptr.
  public static final byte DYNPTR = 4;

  /// Part of an open-coded iterator.
  public static final byte ITERATOR = 5;

  /// Part of a saved interrupt flag.
  public static final byte IRQ_FLAG = 6;

  private StackByte() {}

  static boolean isSpecial(byte content) {
    return content == SPILL || content >= DYNPTR;
  }
}
