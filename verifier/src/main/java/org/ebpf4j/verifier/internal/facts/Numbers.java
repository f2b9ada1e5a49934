package org.ebpf4j.verifier.internal.facts;

import java.util.Arrays;
import java.util.BitSet;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.jspecify.annotations.Nullable;

/// The numbers that registers may hold, in every run: an abstract interpretation of the program
/// with one state for each instruction, the join of what all ways to it bring.
///
/// Why not the walk's own ranges: pruning drops a path whose numbers lie outside the ranges of the
/// path that covers it, if the proof does not need those ranges. This analysis stands on its own:
/// each step holds for all machine words, pointers are any number, and of the walk it takes only
/// what [Observations] says is an invariant. All calls of a function share one entry state and one
/// result.
///
/// Growing ranges are widened to [Thresholds], so that loops settle; two more rounds without
/// widening win back what that gave away. Each round starts from states that hold in every run and
/// takes sound steps, so its result holds too. A program that costs more steps than
/// [#STEPS_PER_SLOT] allows gets no numbers at all.
public final class Numbers {
  private static final int STEPS_PER_SLOT = 256;
  private static final int LEAST_STEPS = 1 << 16;
  private static final int CHANGES_BEFORE_WIDENING = 3;
  private static final int CHANGES_BEFORE_GIVING_UP = 100;
  private static final int NARROWING_ROUNDS = 2;

  private final ProgramCode code;
  private final Observations observed;
  private final StackCells cells;
  private final NumberSteps steps;
  private final Copies copies = new Copies();
  private final Blocks blocks;
  private final Thresholds thresholds;
  private final BitSet work = new BitSet();
  private final BitSet[] callers;
  private final int[] changes;

  /// States before the first instructions of blocks.
  private Scalar[] @Nullable [] entries;

  /// What functions return.
  private @Nullable Scalar[] results;

  /// Where the rounds without widening put what they find; null before them.
  private @Nullable Round round;

  private long stepsLeft;

  /// One round over all blocks, from states that hold.
  private record Round(Scalar[] @Nullable [] entries, @Nullable Scalar[] results) {}

  private Numbers(ProgramCode code, Observations observed) {
    this.code = code;
    this.observed = observed;
    this.cells = new StackCells(code, observed);
    this.steps = new NumberSteps(code, observed, cells);
    this.blocks = new Blocks(code);
    this.thresholds = new Thresholds(code);
    this.callers = new BitSet[code.subprogramCount()];
    Arrays.setAll(callers, i -> new BitSet());
    this.changes = new int[code.size()];
    this.entries = new Scalar[code.size()][];
    this.results = new Scalar[code.subprogramCount()];
    this.stepsLeft = Math.max(LEAST_STEPS, (long) code.size() * STEPS_PER_SLOT);
  }

  /// The numbers in registers 0 to 9 before each instruction; nothing where nothing is known.
  public static Scalar[] @Nullable [] before(ProgramCode code, Observations observed) {
    Numbers numbers = new Numbers(code, observed);
    return numbers.settle() ? numbers.spread() : new Scalar[code.size()][];
  }

  /// @return false if it costs too much
  private boolean settle() {
    seed();
    for (int start = work.nextSetBit(0); start >= 0; start = work.nextSetBit(0)) {
      work.clear(start);
      run(start);
      if (stepsLeft < 0) {
        return false;
      }
    }
    for (int i = 0; i < NARROWING_ROUNDS; i++) {
      Round narrowed = new Round(new Scalar[code.size()][], new Scalar[results.length]);
      round = narrowed;
      seed();
      for (int start = 0; start < entries.length; start++) {
        run(start);
      }
      entries = narrowed.entries();
      results = narrowed.results();
    }
    return true;
  }

  /// Functions that are not entered by calls alone start with nothing known: the program itself,
  /// and those whose address is taken.
  private void seed() {
    BitSet called = new BitSet();
    BitSet addressed = new BitSet();
    for (int slot = 0; slot < code.size(); slot++) {
      switch (code.at(slot)) {
        case Instruction.CallLocal i -> called.set(slot + 1 + i.offset());
        case Instruction.LoadImmediate64 i
            when i.source() == Instruction.LoadImmediate64.Source.FUNCTION ->
            addressed.set(slot + 1 + i.low());
        case null, default -> {}
      }
    }
    for (int i = 0; i < code.subprogramCount(); i++) {
      int start = code.subprogram(i).start();
      if (i == 0 || addressed.get(start) || !called.get(start)) {
        flow(start, unknown(code.subprogram(i)), true);
      }
    }
  }

  private Scalar[] unknown(Subprogram function) {
    Scalar[] state = new Scalar[NumberSteps.REGISTERS + cells.count(function.index())];
    Arrays.fill(state, Scalar.UNKNOWN);
    return state;
  }

  /// Takes the state before a block through it, and on to where control goes from there.
  private void run(int start) {
    Scalar[] entry = entries[start];
    if (entry == null || !observed.isReached(start)) {
      return;
    }
    Scalar[] state = entry.clone();
    copies.begin();
    int last = blocks.last(start);
    stepsLeft -= last - start + 1;
    for (int slot = start; slot < last; slot = blocks.after(slot)) {
      apply(slot, state);
    }
    switch (code.at(last)) {
      case Instruction.Jump i -> {
        branch(last, last + 1 + i.offset(), i, true, state.clone());
        branch(last, last + 1, i, false, state);
      }
      case Instruction.Goto i -> flow(last + 1 + i.offset(), state, i.offset() < 0);
      case Instruction.MayGoto i -> {
        flow(last + 1 + i.offset(), state, i.offset() < 0);
        flow(last + 1, state, false);
      }
      case Instruction.CallLocal i ->
          call(start, last, code.subprogramStarting(last + 1 + i.offset()), state);
      case Instruction.Exit i -> returned(code.subprogramAt(last), state[0]);
      case null, default -> {
        apply(last, state);
        flow(blocks.after(last), state, false);
      }
    }
  }

  private void apply(int slot, Scalar[] state) {
    if (code.at(slot) instanceof Instruction.LoadPacket) {
      // A load beyond the packet leaves the function, with 0.
      returned(code.subprogramAt(slot), Scalar.ZERO);
    }
    steps.apply(slot, state);
    Instruction instruction = code.at(slot);
    if (instruction != null) {
      copies.apply(instruction);
    }
  }

  private void branch(int slot, int target, Instruction.Jump jump, boolean taken, Scalar[] state) {
    if (observed.mayBranch(slot, taken) && steps.refine(jump, taken, state)) {
      copies.spread(jump.dst(), state);
      if (jump.src() instanceof Operand.Reg(var register)) {
        copies.spread(register, state);
      }
      flow(target, state, target <= slot);
    }
  }

  private void call(int block, int slot, int function, Scalar[] state) {
    Subprogram callee = code.subprogram(function);
    Scalar[] entry = unknown(callee);
    System.arraycopy(state, 1, entry, 1, 5);
    flow(callee.start(), entry, true);
    callers[function].set(block);
    Scalar result = callee.hasTailCall ? Scalar.UNKNOWN : results[function];
    if (result != null) {
      NumberSteps.called(state, result);
      flow(slot + 1, state, false);
    }
  }

  private void returned(Subprogram function, Scalar result) {
    int index = function.index();
    if (round != null) {
      Scalar before = round.results[index];
      round.results[index] = before == null ? result : before.union(result);
      return;
    }
    Scalar before = results[index];
    if (before != null && before.contains(result)) {
      return;
    }
    results[index] = before == null ? result : thresholds.widen(before, result);
    work.or(callers[index]);
  }

  /// Joins a state into that before a block.
  ///
  /// @param closes whether this may close a circle of blocks, where growth must end
  private void flow(int target, Scalar[] state, boolean closes) {
    if (target >= code.size()) {
      return;
    }
    if (round != null) {
      Scalar[] before = round.entries[target];
      if (before == null) {
        round.entries[target] = state.clone();
      } else {
        for (int i = 0; i < state.length; i++) {
          before[i] = before[i].contains(state[i]) ? before[i] : before[i].union(state[i]);
        }
      }
      return;
    }
    Scalar[] before = entries[target];
    if (before == null) {
      entries[target] = state.clone();
      work.set(target);
      return;
    }
    boolean changed = false;
    for (int i = 0; i < state.length; i++) {
      if (!before[i].contains(state[i])) {
        before[i] = grow(before[i], state[i], closes ? changes[target] : 0);
        changed = true;
      }
    }
    if (changed) {
      changes[target]++;
      work.set(target);
    }
  }

  private Scalar grow(Scalar before, Scalar now, int times) {
    if (times >= CHANGES_BEFORE_GIVING_UP) {
      return Scalar.UNKNOWN;
    }
    return times >= CHANGES_BEFORE_WIDENING ? thresholds.widen(before, now) : before.union(now);
  }

  /// The states inside blocks from those before them.
  private Scalar[] @Nullable [] spread() {
    Scalar[] @Nullable [] before = new Scalar[code.size()][];
    for (int start = 0; start < entries.length; start++) {
      Scalar[] entry = entries[start];
      if (entry == null) {
        continue;
      }
      int last = blocks.last(start);
      Scalar[] state = entry.clone();
      Scalar[] kept = Arrays.copyOf(entry, NumberSteps.REGISTERS);
      for (int slot = start; slot < last; slot = blocks.after(slot)) {
        before[slot] = kept;
        steps.apply(slot, state);
        if (!Arrays.equals(kept, 0, kept.length, state, 0, kept.length)) {
          kept = Arrays.copyOf(state, NumberSteps.REGISTERS);
        }
      }
      before[last] = kept;
    }
    return before;
  }
}
