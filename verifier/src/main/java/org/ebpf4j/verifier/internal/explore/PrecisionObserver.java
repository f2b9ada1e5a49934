package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.verifier.internal.state.VerifierState;

/// Follows how numbers that must be known precisely are traced back along the path.
///
/// Sets of registers are bits by number, sets of stack slots bits by index down from the frame
/// pointer. Instructions are slots, -1 for none.
public interface PrecisionObserver {
  /// What a checkpoint knew precisely is to be traced back from a state that it covers.
  void propagates(int frame, int registers, long slots);

  /// A stretch from one checkpoint to the next is to be gone back.
  ///
  /// @param last where it ends
  /// @param first where it begins
  /// @param after the instruction that came after it
  void stretch(int frame, int last, int first, int after);

  /// An instruction is to be undone, after which these are wanted.
  void undoes(int frame, int registers, long slots, int slot);

  /// These are wanted in a checkpoint, and marked there.
  void marks(int frame, int registers, long slots, VerifierState checkpoint);

  /// They cannot be traced: all numbers of all checkpoints on the way are marked.
  void marksAll(VerifierState start);

  /// As [#marksAll], of one register.
  void forcesRegister(int frame, int register);

  /// As [#marksAll], of one stack slot.
  void forcesSlot(int frame, int slot);
}
