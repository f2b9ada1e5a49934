package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.IdMap;
import org.ebpf4j.verifier.internal.state.Turn;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Numbers that change from round to round of a loop and need not be exact are forgotten, so that
/// the rounds become alike.
final class Widening {
  private Widening() {}

  /// @param before the state of the round before
  /// @return what was forgotten, if anything
  static Turn.@Nullable Places widen(VerifierState before, VerifierState now) {
    Turn.@Nullable Places widened = null;
    IdMap ids = new IdMap();
    for (int f = Math.min(before.depth(), now.depth()); f >= 0; f--) {
      Frame old = before.frame(f);
      Frame current = now.frame(f);
      for (int i = 0; i < 10; i++) {
        boolean precise = ((old.preciseRegisters | current.preciseRegisters) & 1 << i) != 0;
        if (!precise && changes(old.register(i), current.register(i), ids)) {
          current.setRegister(i, Value.UNKNOWN);
          widened = widened == null ? new Turn.Places() : widened;
          widened.addRegister(f, i);
        }
      }
      for (int i = 0; i < Math.min(old.slotCount(), current.slotCount()); i++) {
        boolean precise = ((old.preciseSlots | current.preciseSlots) & 1L << i) != 0;
        if (!precise
            && old.isSpilledScalar(i)
            && current.isSpilledScalar(i)
            && changes(old.slot(i), current.slot(i), ids)) {
          current.setSlot(i, Value.UNKNOWN);
          widened = widened == null ? new Turn.Places() : widened;
          widened.addSlot(f, i);
        }
      }
    }
    return widened;
  }

  /// Whether two numbers differ, if only in what they are linked to. Source: `maybe_widen_reg`.
  private static boolean changes(Value old, Value current, IdMap ids) {
    return old.isScalar()
        && current.isScalar()
        && !(old.sameShape(current) && ids.match(old.id(), current.id()));
  }
}
