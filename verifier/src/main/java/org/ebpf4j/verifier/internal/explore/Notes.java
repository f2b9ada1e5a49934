package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// What an entry of the history says of its instruction, packed into numbers.
///
///     note:   ┌──────┬───────────┬──────────┐     links: ┌───────┬─ … ─┬───────┬───────┐
///             │ bits │ slot:6    │ frame:3  │            │ link  │     │ link  │ count │
///             └──────┴───────────┴──────────┘            └───────┴─ … ─┴───────┴───────┘
///
/// A link names one of up to six numbers that the instruction's comparison has narrowed together:
/// frame, register or slot, and which of the two.
final class Notes {
  /// The instruction read or wrote a spilled register of the frame and slot in the note.
  static final int STACK_ACCESS = 1 << 9;

  /// The comparison's left side is a pointer to the stack.
  static final int LEFT_IS_STACK = 1 << 10;

  /// The comparison's right side is a pointer to the stack.
  static final int RIGHT_IS_STACK = 1 << 11;

  private static final int MAX_LINKS = 6;
  private static final int LINK_BITS = 10;

  private Notes() {}

  static int stackAccess(int frame, int slot) {
    return STACK_ACCESS | slot << 3 | frame;
  }

  static int frame(int note) {
    return note & 7;
  }

  static int slot(int note) {
    return note >> 3 & 63;
  }

  static int count(long links) {
    return (int) links & 15;
  }

  static int linkFrame(long links, int index) {
    return (int) (links >>> (4 + index * LINK_BITS)) & 7;
  }

  static int linkPlace(long links, int index) {
    return (int) (links >>> (7 + index * LINK_BITS)) & 63;
  }

  static boolean linkIsRegister(long links, int index) {
    return (links >>> (13 + index * LINK_BITS) & 1) != 0;
  }

  /// Adds all numbers linked by `id`, but not registers that nothing reads any more: these would
  /// only be kept apart when states are compared. Those that find no room lose their link.
  ///
  /// @param slot of the comparison
  static long collect(VerifierState state, int slot, ControlFlow flow, int id, long links) {
    int wanted = id & ~Value.PLUS_CONSTANT;
    long result = links;
    for (int f = state.depth(); f >= 0; f--) {
      Frame frame = state.frame(f);
      int read = flow.liveBefore(f == state.depth() ? slot : state.frame(f + 1).callsite);
      for (int i = 0; i < 10; i++) {
        Value value = frame.register(i);
        if ((read & 1 << i) != 0 && value.isScalar() && value.idWithoutConstant() == wanted) {
          if (count(result) == MAX_LINKS) {
            frame.setRegister(i, value.unlinked());
          } else {
            result = append(result, f, i, true);
          }
        }
      }
      for (int i = 0; i < frame.slotCount(); i++) {
        Value value = frame.slot(i);
        if (frame.isSpilled(i) && value.isScalar() && value.idWithoutConstant() == wanted) {
          if (count(result) == MAX_LINKS) {
            frame.setSlot(i, value.unlinked());
          } else {
            result = append(result, f, i, false);
          }
        }
      }
    }
    return result;
  }

  private static long append(long links, int frame, int place, boolean register) {
    int count = count(links);
    long link = frame | place << 3 | (register ? 1 << 9 : 0);
    return (links & ~15L) | (count + 1) | link << (4 + count * LINK_BITS);
  }
}
