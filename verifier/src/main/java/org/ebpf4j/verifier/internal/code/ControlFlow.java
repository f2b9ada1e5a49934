package org.ebpf4j.verifier.internal.code;

import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.jspecify.annotations.Nullable;

/// The program as a graph: where control may go from each instruction, where states are compared,
/// and which instructions lie in loops.
public final class ControlFlow {
  private static final int EXIT = 0x95;
  private static final int GOTO = 0x05;
  private static final int GOTO_WIDE = 0x06;
  private static final int[] NONE = {};

  private final ProgramCode code;
  private final CallKinds calls;
  private final int[][] successors;
  private final boolean[] prunePoints;
  private final boolean[] jumpPoints;
  private final boolean[] checkpoints;
  private final boolean[] callbackCalls;
  private final int[] liveBefore;

  /// As `liveBefore`, with what helpers read unchecked; the same where none does.
  private final int[] readBefore;

  private int[] loops;

  /// What the tables know of calls.
  public interface CallKinds {
    /// Whether the helper calls a function of the program before it returns.
    boolean callsBack(int helper);

    /// Whether the helper has a function of the program called later.
    boolean callsBackLater(int helper);

    /// Whether the kernel function at a slot calls a function of the program before it returns.
    boolean kernelCallsBack(int slot);

    /// Whether the kernel function at a slot has a function of the program called later.
    boolean kernelCallsBackLater(int slot);

    /// Whether the kernel function at a slot is an iterator's `next`.
    boolean isIteratorNext(int slot);

    /// Whether the program may have loops.
    boolean mayJumpBack();

    /// How many arguments the helper takes.
    int arguments(int helper);

    /// How many registers the helper reads, which nobody has to have checked.
    int registers(int helper);

    /// How many arguments the kernel function at a slot takes.
    int kernelArguments(int slot);
  }

  /// Checks that every instruction is reached.
  ///
  /// @throws Refusal if not
  public ControlFlow(ProgramCode code, CallKinds calls) {
    this.code = code;
    this.calls = calls;
    int size = code.size();
    successors = new int[size][];
    prunePoints = new boolean[size];
    jumpPoints = new boolean[size];
    checkpoints = new boolean[size];
    callbackCalls = new boolean[size];
    loops = NONE;
    for (int slot = 0; slot < size; slot++) {
      successors[slot] = code.isSecondHalf(slot) ? NONE : edges(slot);
    }
    if (!calls.mayJumpBack()) {
      checkBackEdges(0);
    }
    checkReachable();
    loops = new LoopFinder(successors, callbackCalls).find();
    liveBefore = findLiveRegisters(false);
    readBefore = readsUnchecked() ? findLiveRegisters(true) : liveBefore;
  }

  public boolean isPrunePoint(int slot) {
    return prunePoints[slot];
  }

  /// Whether control comes here other than from the slot before.
  public boolean isJumpPoint(int slot) {
    return jumpPoints[slot];
  }

  /// Whether a state is always kept here.
  public boolean isCheckpoint(int slot) {
    return checkpoints[slot];
  }

  /// Whether the call here runs a function of the program any number of times.
  public boolean callsBack(int slot) {
    return callbackCalls[slot];
  }

  /// The loop that an instruction lies in, 0 for none.
  public int loop(int slot) {
    return loops[slot];
  }

  /// Registers whose value may still be read.
  public int liveBefore(int slot) {
    return liveBefore[slot];
  }

  /// Registers whose value may still be read by whatever there is, checked or not. The walk knows
  /// nothing of those that are not [#liveBefore] too.
  public int readBefore(int slot) {
    return readBefore[slot];
  }

  public boolean isMayGoto(int slot) {
    return code.at(slot) instanceof Instruction.MayGoto;
  }

  public boolean isIteratorNext(int slot) {
    return code.at(slot) instanceof Instruction.CallKernel && calls.isIteratorNext(slot);
  }

  private int[] malformedEdges(int slot) {
    int opcode = code.opcode(slot);
    if (opcode == EXIT) {
      return NONE;
    }
    int target = JumpCheck.malformedTarget(code, slot);
    if (target == JumpCheck.NO_TARGET) {
      return next(slot, opcode == 0x18 ? 2 : 1);
    }
    if (opcode == GOTO || opcode == GOTO_WIDE) {
      markJumpTarget(target);
      return new int[] {target};
    }
    return branch(slot, target - slot - 1);
  }

  private int[] edges(int slot) {
    @Nullable Instruction instruction = code.at(slot);
    switch (instruction) {
      case Instruction.Exit exit -> {
        return NONE;
      }
      case Instruction.Goto jump -> {
        markJumpTarget(slot + 1 + jump.offset());
        return new int[] {slot + 1 + jump.offset()};
      }
      case Instruction.Jump jump -> {
        return branch(slot, jump.offset());
      }
      case Instruction.MayGoto jump -> {
        checkpoints[slot] = true;
        return branch(slot, jump.offset());
      }
      case Instruction.CallHelper(int helper) -> {
        if (calls.callsBackLater(helper)) {
          prunePoints[slot] = true;
        }
        if (calls.callsBack(helper)) {
          markCallback(slot);
        }
        markAfterCall(slot);
      }
      case Instruction.CallKernel call -> {
        if (calls.kernelCallsBack(slot)) {
          markCallback(slot);
        }
        if (calls.kernelCallsBackLater(slot)) {
          prunePoints[slot] = true;
        }
        if (calls.isIteratorNext(slot)) {
          prunePoints[slot] = true;
          checkpoints[slot] = true;
        }
        markAfterCall(slot);
      }
      case Instruction.CallLocal call -> {
        prunePoints[slot] = true;
        markJumpTarget(slot + call.offset() + 1);
        markAfterCall(slot);
      }
      case Instruction.LoadImmediate64 load -> {
        if (load.source() == Instruction.LoadImmediate64.Source.FUNCTION) {
          prunePoints[slot] = true;
          markJumpTarget(slot + load.low() + 1);
        }
        return next(slot, 2);
      }
      case null -> {
        return malformedEdges(slot);
      }
      default -> {}
    }
    return next(slot, 1);
  }

  private int[] next(int slot, int slots) {
    return slot + slots < code.size() ? new int[] {slot + slots} : NONE;
  }

  private int[] branch(int slot, int offset) {
    prunePoints[slot] = true;
    markJumpTarget(slot + 1 + offset);
    return slot + 1 < code.size()
        ? new int[] {slot + 1, slot + 1 + offset}
        : new int[] {slot + 1 + offset};
  }

  private void markJumpTarget(int slot) {
    if (slot >= 0 && slot < code.size()) {
      prunePoints[slot] = true;
      jumpPoints[slot] = true;
    }
  }

  private void markAfterCall(int slot) {
    markJumpTarget(slot + 1);
  }

  private void markCallback(int slot) {
    callbackCalls[slot] = true;
    checkpoints[slot] = true;
    prunePoints[slot] = true;
    jumpPoints[slot] = true;
  }

  /// Walks depth first, what follows before where a jump goes, as Linux does.
  private void checkBackEdges(int start) {
    int[] path = new int[code.size() + 1];
    int[] edge = new int[code.size()];
    boolean[] onPath = new boolean[code.size()];
    boolean[] done = new boolean[code.size()];
    int depth = 0;
    path[depth++] = start;
    onPath[start] = true;
    while (depth > 0) {
      int slot = path[depth - 1];
      if (edge[slot] == successors[slot].length) {
        onPath[slot] = false;
        done[slot] = true;
        depth--;
        continue;
      }
      int next = successors[slot][edge[slot]++];
      if (onPath[next]) {
        throw Refusal.at(Errno.EINVAL, slot, "back-edge from insn %d to %d".formatted(slot, next));
      }
      if (!done[next]) {
        path[depth++] = next;
        onPath[next] = true;
      }
    }
  }

  private void checkReachable() {
    boolean[] reached = new boolean[code.size()];
    int[] pending = new int[code.size() + 1];
    int count = 0;
    for (int i = 0; i < code.subprogramCount(); i++) {
      Subprogram subprogram = code.subprogram(i);
      if (i == 0 || subprogram.isExceptionCallback) {
        count = reach(subprogram.start(), reached, pending, count);
      }
    }
    while (count > 0) {
      int slot = pending[--count];
      for (int next : successors[slot]) {
        count = reach(next, reached, pending, count);
      }
      count = reach(code.functionAt(slot), reached, pending, count);
    }
    for (int slot = 0; slot < code.size(); slot++) {
      if (code.isSecondHalf(slot)) {
        if (reached[slot]) {
          throw Refusal.at(
              Errno.EINVAL, slot, "jump into the middle of ldimm64 insn " + (slot - 1));
        }
      } else if (!reached[slot]) {
        throw Refusal.at(Errno.EINVAL, slot, "unreachable insn " + slot);
      }
    }
  }

  private static int reach(int slot, boolean[] reached, int[] pending, int count) {
    if (slot < 0 || slot >= reached.length || reached[slot]) {
      return count;
    }
    reached[slot] = true;
    pending[count] = slot;
    return count + 1;
  }

  private boolean readsUnchecked() {
    for (int slot = 0; slot < code.size(); slot++) {
      if (code.at(slot) instanceof Instruction.CallHelper(int helper)
          && calls.registers(helper) != calls.arguments(helper)) {
        return true;
      }
    }
    return false;
  }

  private int[] findLiveRegisters(boolean unchecked) {
    int size = code.size();
    int[] before = new int[size];
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int slot = size - 1; slot >= 0; slot--) {
        if (code.isSecondHalf(slot)) {
          continue;
        }
        int after = 0;
        for (int next : successors[slot]) {
          after |= before[next];
        }
        int live = (after & ~Effects.writes(code.at(slot))) | reads(slot, unchecked);
        if (live != before[slot]) {
          before[slot] = live;
          changed = true;
        }
      }
    }
    return before;
  }

  private int reads(int slot, boolean unchecked) {
    return switch (code.at(slot)) {
      case Instruction.CallHelper(int helper) ->
          argumentBits(unchecked ? calls.registers(helper) : calls.arguments(helper));
      case Instruction.CallKernel call -> argumentBits(calls.kernelArguments(slot));
      case Instruction.LoadPacket(var size, Operand.Reg(var index), int offset) ->
          1 << index.number() | 1 << 6;
      case null, default -> Effects.reads(code.at(slot));
    };
  }

  private static int argumentBits(int count) {
    return ((1 << count) - 1) << 1;
  }
}
