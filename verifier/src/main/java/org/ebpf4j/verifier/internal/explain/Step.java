package org.ebpf4j.verifier.internal.explain;

import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// One instruction on a path, with what was known in its function before it. Steps that nothing
/// changes between share their arrays.
///
/// @param slot the instruction
/// @param depth the function's place on the call stack, 0 for the outermost
/// @param registers `R0` to `R10`
/// @param spilled what stack slots hold, from the frame pointer down; what is no spilled register
///   is uninitialised
/// @param before the step before, none at the start of a function that is walked on its own
record Step(int slot, int depth, Value[] registers, Value[] spilled, @Nullable Step before) {

  /// What a stack slot holds.
  Value slot(int index) {
    return index < spilled.length ? spilled[index] : Value.UNINITIALIZED;
  }
}
