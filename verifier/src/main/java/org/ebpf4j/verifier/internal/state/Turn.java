package org.ebpf4j.verifier.internal.state;

import org.jspecify.annotations.Nullable;

/// Where a path went on in a way that its instructions alone do not tell: with these, it can be
/// walked again without the others. A path has a list of them, last first.
public sealed interface Turn {

  /// So many instructions of the path were walked before.
  long step();

  /// The turn before.
  @Nullable Turn before();

  /// It was put aside, and taken up again.
  ///
  /// @param fork which of the states it is that the last instruction put aside, from 0, or
  ///   [#ITSELF]
  /// @param lastId the highest id that was in use when it was taken up
  record Resumed(long step, int fork, int lastId, @Nullable Turn before) implements Turn {
    /// The path was put aside as it was.
    public static final int ITSELF = -1;
  }

  /// Numbers were forgotten by the last instruction, for they differ from round to round of a loop.
  record Widened(long step, Places places, @Nullable Turn before) implements Turn {}

  /// Registers and stack slots by frame, from the outermost.
  final class Places {
    private final int[] registers = new int[VerifierState.MAX_FRAMES];
    private final long[] slots = new long[VerifierState.MAX_FRAMES];

    public void addRegister(int frame, int number) {
      registers[frame] |= 1 << number;
    }

    public void addSlot(int frame, int index) {
      slots[frame] |= 1L << index;
    }

    /// Forgets the numbers in these places.
    public void forget(VerifierState state) {
      for (int f = 0; f < registers.length; f++) {
        for (int left = registers[f]; left != 0; left &= left - 1) {
          state.frame(f).setRegister(Integer.numberOfTrailingZeros(left), Value.UNKNOWN);
        }
        for (long left = slots[f]; left != 0; left &= left - 1) {
          state.frame(f).setSlot(Long.numberOfTrailingZeros(left), Value.UNKNOWN);
        }
      }
    }
  }
}
