package org.ebpf4j.verifier.internal.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
/// of the checkpoint is known only when the whole loop is explored; until then its states are
/// compared in full, and afterwards what was learned is carried along the edges back.
///
/// Source of the rules and thresholds: the kernel's `is_state_visited`.
final class Pruner {
  private static final int MAX_BACK_EDGES = 64;

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
  private record BackEdge(VerifierState covering, VerifierState covered) {}

  /// The exploration of one loop, from the first checkpoint in it.
  private static final class LoopVisit {
    @Nullable VerifierState entry;
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

  /// @param everyInstruction keep a checkpoint wherever states are compared
  Pruner(ControlFlow flow, int size, Precision precision, boolean everyInstruction) {
    this.flow = flow;
    this.precision = precision;
    this.comparison = new StateComparison(flow::liveBefore);
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
        boolean incomplete = hasBackEdges(old);
        boolean covered =
            comparison.covers(old, current, incomplete ? Mode.WITHIN : Mode.NEEDED, lastId);
        answer = !covered ? Answer.MISS : incomplete ? Answer.LOOP : Answer.HIT;
      }
      if (answer != Answer.MISS) {
        checkpoint.hits++;
        if (jumpPoint) {
          current.history.add(slot, current.lastSlot, 0, 0);
        }
        propagate(old, current);
        if (answer == Answer.LOOP) {
          addBackEdge(old, current);
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
    LOOP
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
    if (comparison.covers(old, current, Mode.EXACT, lastId)
        && !iteratorDepthsDiffer(old, current)
        && old.mayGotoDepth == current.mayGotoDepth
        && old.callbackUnrollDepth == current.callbackUnrollDepth) {
      throw Refusal.at(slot, "infinite loop detected at insn " + slot);
    }
    return Answer.MISS;
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
  void closePath(VerifierState ended) {
    for (VerifierState state = ended; state != null; state = state.parent) {
      state.branches--;
      if (state.branches > 0) {
        return;
      }
      leaveLoop(state);
      noteLength(state);
    }
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

  private void addBackEdge(VerifierState covering, VerifierState covered) {
    if (covering.loopVisit instanceof LoopVisit visit) {
      visit.edges.add(new BackEdge(covering, covered.copy()));
    } else {
      Precision.markAll(covered);
    }
  }

  private void leaveLoop(VerifierState state) {
    if (!(state.loopVisit instanceof LoopVisit visit) || visit.entry != state) {
      return;
    }
    List<BackEdge> edges = visit.edges;
    if (edges.size() > MAX_BACK_EDGES) {
      for (BackEdge edge : edges) {
        Precision.markAll(edge.covered());
      }
    }
    boolean changed = true;
    while (changed) {
      changed = false;
      for (BackEdge edge : edges) {
        changed |= propagate(edge.covering(), edge.covered());
      }
    }
    visit.entry = null;
    visit.edges = new ArrayList<>();
  }
}
