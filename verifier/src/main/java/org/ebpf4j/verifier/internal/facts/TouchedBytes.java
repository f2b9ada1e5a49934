package org.ebpf4j.verifier.internal.facts;

import java.util.Arrays;
import java.util.BitSet;

/// Bytes of a function's frame that something else than its own plain loads and stores touches, by
/// index down from the frame pointer.
final class TouchedBytes {
  private final BitSet touched = new BitSet();

  /// None yet, for each function of a program.
  static TouchedBytes[] ofEach(int functions) {
    TouchedBytes[] all = new TouchedBytes[functions];
    Arrays.setAll(all, i -> new TouchedBytes());
    return all;
  }

  /// Somebody touches the bytes from one index to another, which is not among them.
  void touch(int first, int end) {
    touched.set(first, end);
  }

  /// Somebody is given the address of a byte and does not say what it touches: all from there
  /// upwards.
  void touchFrom(int index) {
    touched.set(0, index + 1);
  }

  BitSet bytes() {
    return touched;
  }
}
