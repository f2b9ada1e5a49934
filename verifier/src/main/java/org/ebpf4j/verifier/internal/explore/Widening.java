package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Numbers that change from round to round of a loop and need not be exact are forgotten, so that
/// the rounds become alike.
final class Widening {
  private Widening() {}

  static void widen(@Nullable VerifierState before, VerifierState now) {
    if (before == null) {
      return;
    }
    for (int f = Math.min(before.depth(), now.depth()); f >= 0; f--) {
      Frame old = before.frame(f);
      Frame current = now.frame(f);
      for (int i = 0; i < 10; i++) {
        boolean precise = (old.preciseRegisters & 1 << i) != 0;
        if (changes(old.register(i), current.register(i), precise)) {
          current.setRegister(i, Value.UNKNOWN);
        }
      }
      for (int i = 0; i < Math.min(old.slotCount(), current.slotCount()); i++) {
        boolean precise = (old.preciseSlots & 1L << i) != 0;
        if (old.isSpilledScalar(i)
            && current.isSpilledScalar(i)
            && changes(old.slot(i), current.slot(i), precise)) {
          current.setSlot(i, Value.UNKNOWN);
        }
      }
    }
  }

  private static boolean changes(Value old, Value current, boolean precise) {
    return old.isScalar()
        && current.isScalar()
        && !precise
        && !old.number().equals(current.number());
  }
}
