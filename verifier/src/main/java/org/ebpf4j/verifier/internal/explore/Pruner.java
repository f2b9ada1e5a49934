package org.ebpf4j.verifier.internal.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.StateComparison;
import org.ebpf4j.verifier.internal.state.StateComparison.Mode;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Keeps checkpoints by instruction and caller, and ends paths whose state one of them covers.
///
/// Paths that come back to a checkpoint still being explored close a loop. What such a loop needs
/// of its checkpoints is known only when the whole loop is explored; then what was learned is
/// carried along the edges back. Until then states in loops of iterators and `may_goto` are
/// compared in full. In loops through callbacks a path ends at a checkpoint that covers it so far
/// as is known, and is walked after all if in the end it is not covered.
///
/// Source of the rules and thresholds: the kernel's `is_state_visited`. Linux 6.18 takes what it
/// knows in a loop through callbacks for all, and does not look again: later kernels do.
final class Pruner {
  /// So often marks are carried along the edges of a loop one by one; then everything is marked.
  private static final int MAX_ROUNDS = 64;

  /// A state kept at an instruction.
  private static final class Checkpoint {
    final VerifierState state;
    int hits;
    int misses;

    Checkpoint(VerifierState state) {
      this.state = state;
    }
  }

  /// A path that ended at a checkpoint of the loop it is in.
  ///
  /// @param sure whether it is covered whatever the loop turns out to need
  private record BackEdge(VerifierState covering, VerifierState covered, boolean sure) {}

  /// The exploration of one loop, from the first checkpoint in it.
  private static final class LoopVisit {
    @Nullable VerifierState entry;

    /// Whether some edge goes back otherwise than by a callback.
    boolean compareInFull;

    List<BackEdge> edges = new ArrayList<>();
  }

  /// A loop and the calls that lead to it.
  private record LoopKey(int loop, List<Integer> callsites) {}

  private final ControlFlow flow;
  private final Precision precision;
  private final StateComparison comparison;
  private final boolean everyInstruction;
  private final @Nullable List<Checkpoint>[] checkpoints;
  private final Map<LoopKey, LoopVisit> visits = new HashMap<>();
  private long memory;
  private long longest;
  private long mostGlobalCalls;
  private long jumps;
  private long jumpsAtCheckpoint;
  private long processedAtCheckpoint;
  private int lastId;

  /// @param everyInstruction keep a checkpoint wherever states are compared
  /// @param unprivileged whether precision is not tracked: all numbers count
  Pruner(
      ControlFlow flow,
      int size,
      Precision precision,
      boolean everyInstruction,
      boolean unprivileged) {
    this.flow = flow;
    this.precision = precision;
    this.comparison = new StateComparison(flow::liveBefore, unprivileged);
    this.everyInstruction = everyInstruction;
    this.checkpoints = newLists(size);
  }

  @SuppressWarnings("unchecked")
  private static @Nullable List<Checkpoint>[] newLists(int size) {
    return (@Nullable List<Checkpoint>[]) new List<?>[size];
  }

  /// Forgets all checkpoints, for another function to be explored on its own.
  void restart() {
    Arrays.fill(checkpoints, null);
    visits.clear();
    longest = 0;
    mostGlobalCalls = 0;
  }

  void countJump() {
    jumps++;
  }

  /// The path is before `current.slot`, a prune point.
  ///
  /// @param processed instructions explored so far
  /// @param lastId the highest id in use
  /// @return whether the path need not be explored further
  boolean visit(VerifierState current, long processed, int lastId, boolean jumpPoint) {
    int slot = current.slot;
    this.lastId = lastId;
    boolean forced = everyInstruction || flow.isCheckpoint(slot) || current.history.size() > 40;
    boolean keep =
        forced || (jumps - jumpsAtCheckpoint >= 2 && processed - processedAtCheckpoint >= 8);
    int bucket = bucket(slot, current);
    List<Checkpoint> here = checkpoints[bucket];
    if (here == null) {
      here = new ArrayList<>(2);
      checkpoints[bucket] = here;
    }
    forgetUnread(here, current);
    for (int i = here.size() - 1; i >= 0; i--) {
      Checkpoint checkpoint = here.get(i);
      VerifierState old = checkpoint.state;
      if (old.slot != slot) {
        continue;
      }
      Answer answer;
      if (old.branches > 0) {
        answer = compareOpen(old, current, lastId);
        if (answer == Answer.MISS
            && !forced
            && jumps - jumpsAtCheckpoint < 20
            && processed - processedAtCheckpoint < 100) {
          keep = false;
        }
      } else {
        answer = compareExplored(old, current, lastId);
      }
      if (answer != Answer.MISS) {
        checkpoint.hits++;
        if (jumpPoint) {
          current.history.add(slot, current.lastSlot, 0, 0);
        }
        propagate(old, current);
        if (answer == Answer.LOOP || answer == Answer.LIKELY) {
          addBackEdge(old, current, answer == Answer.LOOP);
          current.longest = RunLength.UNBOUNDED;
        } else {
          current.longest = old.longest;
          current.mostGlobalCalls = old.mostGlobalCalls;
        }
        return true;
      }
      if (keep) {
        checkpoint.misses++;
      }
      int patience = flow.isCheckpoint(slot) && old.branches > 0 ? 64 : 3;
      if (checkpoint.misses > checkpoint.hits * patience + patience) {
        here.remove(i);
      }
    }
    if (keep) {
      jumpsAtCheckpoint = jumps;
      processedAtCheckpoint = processed;
      keep(here, current);
    }
    return false;
  }

  /// Checkpoints of one instruction that were called from different places do not wear each other
  /// out. Source: the kernel's `explored_state`.
  private int bucket(int slot, VerifierState state) {
    return Integer.remainderUnsigned(slot ^ state.top().callsite, checkpoints.length);
  }

  private enum Answer {
    MISS,
    HIT,
    /// It is within the checkpoint of a loop that is not explored yet.
    LOOP,
    /// It is within such a checkpoint so far as is known.
    LIKELY
  }

  /// A checkpoint from which all paths were walked.
  private Answer compareExplored(VerifierState old, VerifierState current, int lastId) {
    if (!hasBackEdges(old)) {
      return comparison.covers(old, current, Mode.NEEDED, lastId) ? Answer.HIT : Answer.MISS;
    }
    // A state of an asynchronous callback need not come from where the loop was entered.
    boolean inFull =
        current.frame(0).inAsyncCallback
            || (old.loopVisit instanceof LoopVisit visit && visit.compareInFull);
    if (inFull) {
      return comparison.covers(old, current, Mode.WITHIN, lastId) ? Answer.LOOP : Answer.MISS;
    }
    return comparison.covers(old, current, Mode.NEEDED, lastId) ? Answer.LIKELY : Answer.MISS;
  }

  private void keep(List<Checkpoint> here, VerifierState current) {
    VerifierState kept = current.copy();
    kept.startPrecision();
    here.add(new Checkpoint(kept));
    memory += kept.memory();
    enterLoop(kept);
    current.startFrom(kept);
    current.pathDepth++;
  }

  /// A checkpoint on the current path itself: the same state again is a loop without end, unless
  /// the loop is one that is known to end.
  private Answer compareOpen(VerifierState old, VerifierState current, int lastId) {
    Frame oldTop = old.top();
    Frame top = current.top();
    if (oldTop.inAsyncCallback && oldTop.asyncEntries != top.asyncEntries) {
      return Answer.MISS;
    }
    int slot = current.slot;
    if (flow.isIteratorNext(slot)) {
      return comparison.covers(old, current, Mode.WITHIN, lastId) && iteratorIsActive(current)
          ? Answer.LOOP
          : Answer.MISS;
    }
    if (flow.isMayGoto(slot)
        && old.mayGotoDepth != current.mayGotoDepth
        && comparison.covers(old, current, Mode.WITHIN, lastId)) {
      return Answer.LOOP;
    }
    if (flow.callsBack(slot)) {
      return comparison.covers(old, current, Mode.WITHIN, lastId) ? Answer.LOOP : Answer.MISS;
    }
    if (looksAlike(oldTop, top)
        && comparison.covers(old, current, Mode.EXACT, lastId)
        && !iteratorDepthsDiffer(old, current)
        && old.mayGotoDepth == current.mayGotoDepth
        && old.callbackUnrollDepth == current.callbackUnrollDepth) {
      throw Refusal.at(Errno.EINVAL, slot, "infinite loop detected at insn " + slot);
    }
    return Answer.MISS;
  }

  /// Whether all registers are the same, with the same ids, those too that nothing reads any more:
  /// else something goes on. Source: `states_maybe_looping`.
  private static boolean looksAlike(Frame old, Frame current) {
    for (int i = 0; i < 10; i++) {
      if (!old.register(i).isSame(current.register(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean iteratorIsActive(VerifierState state) {
    Value pointer = state.register(1);
    int index = -(pointer.offset() + (int) pointer.number().value()) - 1;
    Value iterator = state.frameOf(pointer).slot(index / Frame.SLOT_BYTES);
    return iterator.target() instanceof Target.Iterating(String type, boolean active, int depth)
        && active;
  }

  private static boolean iteratorDepthsDiffer(VerifierState old, VerifierState current) {
    for (int f = 0; f <= old.depth(); f++) {
      Frame frame = old.frame(f);
      for (int i = 0; i < frame.slotCount(); i++) {
        if (frame.slot(i).target()
                instanceof Target.Iterating(String type, boolean active, int depth)
            && active
            && current.frame(f).slot(i).target() instanceof Target.Iterating now
            && now.depth() != depth) {
          return true;
        }
      }
    }
    return false;
  }

  /// Both what `old` read and what it needs precisely, `current` reads and needs.
  private boolean propagate(VerifierState old, VerifierState current) {
    boolean changed = false;
    for (int f = 0; f <= old.depth(); f++) {
      changed |= current.frame(f).markRead(old.frame(f).slotsRead);
    }
    return precision.propagate(old, current) || changed;
  }

  private void forgetUnread(List<Checkpoint> here, VerifierState current) {
    for (Checkpoint checkpoint : here) {
      VerifierState old = checkpoint.state;
      if (old.branches > 0
          || old.cleaned
          || !StateComparison.samePlaces(old, current)
          || hasBackEdges(old)) {
        continue;
      }
      old.cleaned = true;
      for (int f = 0; f <= old.depth(); f++) {
        int slot = f == old.depth() ? old.slot : old.frame(f + 1).callsite;
        old.frame(f).forgetUnread(flow.liveBefore(slot));
      }
    }
  }

  /// The checkpoint on the current path, of the same place, that it came by last.
  @Nullable VerifierState previousEntry(VerifierState current, int slot) {
    List<Checkpoint> here = checkpoints[bucket(slot, current)];
    if (here == null) {
      return null;
    }
    for (int i = here.size() - 1; i >= 0; i--) {
      VerifierState old = here.get(i).state;
      if (old.slot == slot
          && old.branches > 0
          && sameCallsites(old, current)
          && old.pathDepth < current.pathDepth) {
        return old;
      }
    }
    return null;
  }

  private static boolean sameCallsites(VerifierState a, VerifierState b) {
    if (a.depth() != b.depth()) {
      return false;
    }
    for (int i = 0; i <= a.depth(); i++) {
      if (a.frame(i).callsite != b.frame(i).callsite) {
        return false;
      }
    }
    return true;
  }

  /// A path from this state is explored to its end.
  ///
  /// @return states before `slot` that have to be walked on from after all
  List<VerifierState> closePath(VerifierState ended) {
    for (VerifierState state = ended; state != null; state = state.parent) {
      state.branches--;
      if (state.branches > 0) {
        break;
      }
      List<VerifierState> again = leaveLoop(state);
      if (!again.isEmpty()) {
        return again;
      }
      noteLength(state);
    }
    return List.of();
  }

  /// Tells the checkpoint before how long the paths from this one are. Runs that a callback starts
  /// later are not part of the run.
  private void noteLength(VerifierState state) {
    long length = RunLength.sum(state.steps, state.longest);
    long calls = state.globalCalls + state.mostGlobalCalls;
    VerifierState before = state.parent;
    if (before != null) {
      before.longest = Math.max(before.longest, length);
      before.mostGlobalCalls = Math.max(before.mostGlobalCalls, calls);
    } else if (!state.frame(0).inAsyncCallback) {
      longest = Math.max(longest, length);
      mostGlobalCalls = Math.max(mostGlobalCalls, calls);
    }
  }

  /// Memory of all states that were kept, in bytes, about.
  long memory() {
    return memory;
  }

  /// The most instructions on a path from the start, [RunLength#UNBOUNDED] if not known.
  long longest() {
    return longest;
  }

  /// The most calls of global functions on a path from the start.
  long mostGlobalCalls() {
    return mostGlobalCalls;
  }

  private @Nullable LoopKey loopOf(VerifierState state) {
    List<Integer> callsites = new ArrayList<>();
    for (int f = 0; f <= state.depth(); f++) {
      int slot = f == state.depth() ? state.slot : state.frame(f + 1).callsite;
      int loop = flow.loop(slot);
      if (loop != 0) {
        return new LoopKey(loop, callsites);
      }
      callsites.add(slot);
    }
    return null;
  }

  private void enterLoop(VerifierState state) {
    LoopKey key = loopOf(state);
    if (key != null) {
      LoopVisit visit = visits.computeIfAbsent(key, k -> new LoopVisit());
      if (visit.entry == null) {
        visit.entry = state;
      }
      state.loopVisit = visit;
    }
  }

  private static boolean hasBackEdges(VerifierState state) {
    return state.loopVisit instanceof LoopVisit visit && !visit.edges.isEmpty();
  }

  private void addBackEdge(VerifierState covering, VerifierState covered, boolean sure) {
    if (covering.loopVisit instanceof LoopVisit visit) {
      VerifierState copy = covered.copy();
      memory += copy.memory();
      visit.edges.add(new BackEdge(covering, copy, sure));
      visit.compareInFull |= sure && !flow.callsBack(covering.slot);
    } else {
      precision.markAll(covered);
    }
  }

  /// If the state is the first of a loop, all of the loop is explored.
  ///
  /// @return states in the loop that are not covered, now that it is known what it needs
  private List<VerifierState> leaveLoop(VerifierState state) {
    if (!(state.loopVisit instanceof LoopVisit visit) || visit.entry != state) {
      return List.of();
    }
    carryMarks(visit.edges);
    List<VerifierState> again = new ArrayList<>();
    List<BackEdge> covered = new ArrayList<>();
    for (BackEdge edge : visit.edges) {
      if (edge.sure() || comparison.covers(edge.covering(), edge.covered(), Mode.NEEDED, lastId)) {
        covered.add(edge);
      } else {
        memory -= edge.covered().memory();
        again.add(edge.covered());
      }
    }
    if (again.isEmpty()) {
      for (BackEdge edge : covered) {
        memory -= edge.covered().memory();
      }
      visit.entry = null;
      visit.edges = new ArrayList<>();
      visit.compareInFull = false;
    } else {
      visit.edges = covered;
      for (VerifierState uncovered : again) {
        reopen(uncovered, state);
      }
    }
    return again;
  }

  private void carryMarks(List<BackEdge> edges) {
    boolean changed = true;
    for (int round = 0; changed; round++) {
      changed = false;
      for (BackEdge edge : edges) {
        if (round == MAX_ROUNDS) {
          precision.markAll(edge.covered());
        }
        changed |= propagate(edge.covering(), edge.covered());
      }
    }
  }

  /// A path that ended at a checkpoint goes on, and with it those that it is part of.
  private void reopen(VerifierState uncovered, VerifierState entry) {
    if (flow.isJumpPoint(uncovered.slot)) {
      uncovered.history.removeLast(); // it is at this instruction once more
    }
    for (VerifierState state = uncovered.parent; state != null; state = state.parent) {
      state.branches++;
      if (state == entry || state.branches > 1) {
        return;
      }
    }
  }
}
