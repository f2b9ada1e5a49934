package org.ebpf4j.verifier;

import java.util.BitSet;

/// What holds in every run of an accepted program, whatever its input.
///
/// Each fact is an invariant, and not only what the verifier's walk came by: the walk leaves out
/// paths that other ones cover.
public final class Facts {
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

  /// Whether a register's value may still be read when control is before the instruction at a slot.
  ///
  /// @param register its number, 0 to 9
  public boolean isLive(int slot, int register) {
    return (liveRegisters[slot] & 1 << register) != 0;
  }

  /// Bytes of its frame's stack that a function uses at most.
  ///
  /// @param function its index in the order of the functions' slots
  public int stackDepth(int function) {
    return stackDepths[function];
  }
}
