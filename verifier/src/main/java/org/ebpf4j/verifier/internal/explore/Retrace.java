package org.ebpf4j.verifier.internal.explore;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntSupplier;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Turn;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// One path through a program, to be gone once more without all those that were walked before it.
final class Retrace {
  /// What is still ahead, first to last.
  private final Deque<Turn> turns = new ArrayDeque<>();

  private final long steps;
  private final boolean within;

  /// @param end where the path ends
  /// @param within whether it ends within an instruction, rather than before it
  Retrace(VerifierState end, boolean within) {
    for (@Nullable Turn turn = end.turns; turn != null; turn = turn.before()) {
      turns.push(turn);
    }
    this.steps = end.pathSteps;
    this.within = within;
  }

  /// Goes along the path from where the walk is, to where it was refused. What was refused for what
  /// other paths had shown is not refused again.
  ///
  /// @param take applies an instruction's rules, and gives the next instruction
  void follow(Walk walk, IntSupplier take) {
    walk.precision.stop();
    walk.retrace = this;
    while (walk.state.pathSteps < steps) {
      walk.forgetOthers();
      walk.state.lastSlot = walk.previous;
      walk.state.slot = walk.slot;
      int next = take(walk, take);
      if (within && walk.state.pathSteps == steps) {
        return;
      }
      walk.previous = walk.slot;
      walk.slot = next;
      turn(walk);
    }
  }

  private int take(Walk walk, IntSupplier take) {
    try {
      return take.getAsInt();
    } catch (Refusal refusal) {
      if (within && walk.state.pathSteps == steps) {
        return FunctionCalls.ENDS;
      }
      throw new IllegalStateException(
          "instruction %d was not refused before: %s".formatted(walk.slot, refusal.reason()),
          refusal);
    }
  }

  private void turn(Walk walk) {
    long step = walk.state.pathSteps;
    while (!turns.isEmpty() && turns.peek().step() == step) {
      if (turns.pop() instanceof Turn.Resumed(long at, int fork, int lastId, Turn before)) {
        if (fork != Turn.Resumed.ITSELF) {
          walk.takeUp(fork);
        }
        walk.continueIds(lastId);
      }
    }
  }

  /// The numbers to be forgotten after so many instructions, if any are.
  Turn.@Nullable Places widened(long step) {
    for (Turn turn : turns) {
      if (turn.step() > step) {
        break;
      }
      if (turn instanceof Turn.Widened(long at, Turn.Places places, Turn before)) {
        return places;
      }
    }
    return null;
  }
}
