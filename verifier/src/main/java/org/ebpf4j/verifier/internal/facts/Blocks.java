package org.ebpf4j.verifier.internal.facts;

import java.util.BitSet;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.internal.code.ProgramCode;

/// Straight stretches of code: control comes in at the first instruction only, and leaves after the
/// last.
final class Blocks {
  private final ProgramCode code;
  private final BitSet starts;

  Blocks(ProgramCode code) {
    this.code = code;
    this.starts = new BitSet(code.size() + 1);
    for (int i = 0; i < code.subprogramCount(); i++) {
      starts.set(code.subprogram(i).start());
    }
    for (int slot = 0; slot < code.size(); slot++) {
      switch (code.at(slot)) {
        case Instruction.Jump i -> mark(slot, slot + 1 + i.offset());
        case Instruction.Goto i -> mark(slot, slot + 1 + i.offset());
        case Instruction.MayGoto i -> mark(slot, slot + 1 + i.offset());
        case Instruction.CallLocal i -> starts.set(slot + 1);
        case Instruction.Exit i -> starts.set(slot + 1);
        case null, default -> {}
      }
    }
  }

  private void mark(int slot, int target) {
    starts.set(slot + 1);
    starts.set(target);
  }

  /// The last instruction of the block that starts at a slot.
  int last(int start) {
    int last = start;
    int next = after(start);
    while (next < code.size() && !starts.get(next)) {
      last = next;
      next = after(next);
    }
    return last;
  }

  /// The slot of the instruction that follows in the text.
  int after(int slot) {
    return slot + 1 < code.size() && code.isSecondHalf(slot + 1) ? slot + 2 : slot + 1;
  }
}
