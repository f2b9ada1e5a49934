package org.ebpf4j.verifier.internal.facts;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.state.Frame;
import org.jspecify.annotations.Nullable;

/// Parts of a function's frame that behave as registers: bytes that do not escape and that every
/// instruction which touches one of them touches as a whole, such as those that a compiler spills
/// registers to.
final class StackCells {
  private static final int NONE = -1;

  /// Of a byte that more than one sort of access touches.
  private static final int MIXED = -1;

  private final int[] cellAt;
  private final int[] counts;

  StackCells(ProgramCode code, Observations observed) {
    cellAt = new int[code.size()];
    Arrays.fill(cellAt, NONE);
    counts = new int[code.subprogramCount()];
    for (int i = 0; i < counts.length; i++) {
      find(code, code.subprogram(i), observed);
    }
  }

  private void find(ProgramCode code, Subprogram function, Observations observed) {
    int[] owners = new int[Frame.STACK_BYTES];
    int[] accesses = new int[function.end() - function.start()];
    for (int slot = function.start(); slot < function.end(); slot++) {
      int offset = observed.isReached(slot) ? observed.ownStackOffset(slot) : 0;
      MemorySize size = size(code.at(slot));
      if (offset == 0 || size == null) {
        continue;
      }
      int first = -offset - size.bytes();
      int access = first << 4 | size.bytes();
      accesses[slot - function.start()] = access;
      for (int i = first; i < first + size.bytes(); i++) {
        owners[i] = owners[i] == 0 || owners[i] == access ? access : MIXED;
      }
    }
    BitSet escaped = observed.escaped(function.index());
    Map<Integer, Integer> cells = new HashMap<>();
    for (int slot = function.start(); slot < function.end(); slot++) {
      int access = accesses[slot - function.start()];
      if (access != 0 && isCell(access, owners, escaped)) {
        cellAt[slot] = cells.computeIfAbsent(access, a -> cells.size());
      }
    }
    counts[function.index()] = cells.size();
  }

  private static boolean isCell(int access, int[] owners, BitSet escaped) {
    int first = access >> 4;
    int size = access & 0xf;
    for (int i = first; i < first + size; i++) {
      if (owners[i] != access || escaped.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable MemorySize size(@Nullable Instruction instruction) {
    return switch (instruction) {
      case Instruction.Load i -> i.size();
      case Instruction.Store i -> i.size();
      case Instruction.Atomic i -> i.size();
      case Instruction.LoadAcquire i -> i.size();
      case Instruction.StoreRelease i -> i.size();
      case null, default -> null;
    };
  }

  /// The cell that the instruction at a slot touches, -1 for none.
  int at(int slot) {
    return cellAt[slot];
  }

  /// Cells of a function.
  int count(int function) {
    return counts[function];
  }
}
