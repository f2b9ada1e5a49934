package org.ebpf4j.verifier;

import java.util.BitSet;
import java.util.OptionalLong;

/// What holds in every run of an accepted program, whatever its input.
///
/// Each fact is an invariant, and not only what the verifier's walk came by: the walk leaves out
/// paths that other ones cover.
///
/// Slots are instructions, counted in 8 bytes from the program's start. Functions are counted in
/// the order of their slots; function 0 is the program itself.
public final class Facts {
  private static final RegisterFact UNKNOWN = new RegisterFact.Unknown();

  private final BitSet reachable;
  private final int[] liveRegisters;
  private final int[] stackDepths;

  Facts(BitSet reachable, int[] liveRegisters, int[] stackDepths) {
    this.reachable = reachable;
    this.liveRegisters = liveRegisters;
    this.stackDepths = stackDepths;
  }

  /// Whether a run may come to the instruction at a slot.
  public boolean isReachable(int slot) {
    return reachable.get(slot);
  }

  /// Whether a conditional jump may go this way.
  ///
  /// @param taken whether it jumps, or goes on to the instruction after it
  public boolean mayBranch(int slot, boolean taken) {
    return reachable.get(slot);
  }

  /// Whether a register's value may still be read when control is before the instruction at a slot.
  ///
  /// @param register its number, 0 to 9
  public boolean isLive(int slot, int register) {
    return (liveRegisters[slot] & 1 << register) != 0;
  }

  /// What a register holds when control is before the instruction at a slot.
  ///
  /// @param register its number, 0 to 10
  /// @return for registers that are not live and slots that are not reached, that nothing is known
  public RegisterFact before(int slot, int register) {
    return UNKNOWN;
  }

  /// Whether the memory that the instruction at a slot accesses may not be there: objects of the
  /// kernel that are gone, arena pages that were never allocated. Linux lets such loads give 0, and
  /// drops such stores.
  public boolean mayFault(int slot) {
    return true;
  }

  /// Functions that the program has.
  public int functionCount() {
    return stackDepths.length;
  }

  /// Bytes of its frame's stack that a function uses at most.
  ///
  /// @param function its index in the order of the functions' slots
  public int stackDepth(int function) {
    return stackDepths[function];
  }

  /// How a function uses its frame of the stack.
  ///
  /// @param function its index in the order of the functions' slots
  public StackUse stackUse(int function) {
    BitSet all = new BitSet();
    all.set(0, StackUse.FRAME_BYTES);
    return new StackUse(stackDepths[function], all);
  }

  /// Instructions that one run executes at most, up to its exit or tail call; callbacks that
  /// helpers call within the run are counted, those that run later are not.
  ///
  /// @return nothing if no bound is known: the run ends, but the proof does not say when
  public OptionalLong instructionBound() {
    return OptionalLong.empty();
  }
}
