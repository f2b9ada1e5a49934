package org.ebpf4j.verifier.internal.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Everything known at one point of one path.
public final class VerifierState {
  /// Frames on the call stack at most.
  public static final int MAX_FRAMES = 8;

  private static final Acquired[] NOTHING_ACQUIRED = {};

  private final @Nullable Frame[] frames = new @Nullable Frame[MAX_FRAMES];
  private int depth;
  private Acquired[] acquired = NOTHING_ACQUIRED;

  /// The checkpoint that this path passed last.
  public @Nullable VerifierState parent;

  /// Paths from here that are not explored to their end.
  public int branches;

  /// What an observer of the walk wants to find again on this path, and on all that part from it.
  public @Nullable Object trail;

  /// Whether what nothing reads was taken out of this checkpoint.
  public boolean cleaned;

  /// Whether all numbers in this checkpoint and those before it are marked as needed precisely.
  public boolean allPrecise;

  /// For a checkpoint in a loop, the exploration of that loop.
  public @Nullable Object loopVisit;

  /// Checkpoints on the way here.
  public int pathDepth;

  /// The instruction that this state is before.
  public int slot;

  /// The first instruction after the parent checkpoint.
  public int firstSlot;

  /// The instruction before this state's.
  public int lastSlot;

  /// Instructions since the parent checkpoint.
  public long steps;

  /// Instructions since the path started.
  public long pathSteps;

  /// Where the path did not just go on from one instruction to the next.
  public @Nullable Turn turns;

  /// Calls of global functions among those since the parent checkpoint.
  public long globalCalls;

  /// For a checkpoint whose paths are explored, the most instructions from here to an end.
  public long longest;

  /// The most calls of global functions from here to an end.
  public long mostGlobalCalls;

  public History history = new History();
  public int lockCount;
  public int activeLockId;
  public @Nullable Object activeLockOwner;
  public boolean inRcu;
  public int rcuDepth;
  public int preemptDepth;
  public int activeIrqId;
  public boolean sleepable;
  public int mayGotoDepth;
  public int callbackUnrollDepth;

  public VerifierState() {
    frames[0] = new Frame(-1, 0, 0);
  }

  /// A state whose outermost frame is this one.
  public VerifierState(Frame outermost) {
    frames[0] = outermost;
  }

  public VerifierState copy() {
    VerifierState copy = new VerifierState(frame(0).copy());
    for (int i = 1; i <= depth; i++) {
      copy.frames[i] = frame(i).copy();
    }
    copy.depth = depth;
    copy.acquired = acquired;
    copy.parent = parent;
    copy.branches = branches;
    copy.pathDepth = pathDepth;
    copy.trail = trail;
    copy.slot = slot;
    copy.firstSlot = firstSlot;
    copy.lastSlot = lastSlot;
    copy.steps = steps;
    copy.pathSteps = pathSteps;
    copy.turns = turns;
    copy.globalCalls = globalCalls;
    copy.history = history.copy();
    copy.lockCount = lockCount;
    copy.activeLockId = activeLockId;
    copy.activeLockOwner = activeLockOwner;
    copy.inRcu = inRcu;
    copy.rcuDepth = rcuDepth;
    copy.preemptDepth = preemptDepth;
    copy.activeIrqId = activeIrqId;
    copy.sleepable = sleepable;
    copy.mayGotoDepth = mayGotoDepth;
    copy.callbackUnrollDepth = callbackUnrollDepth;
    return copy;
  }

  /// Memory that this takes of its own, in bytes, about.
  public long memory() {
    long sum = 256;
    for (int i = 0; i <= depth; i++) {
      sum += frame(i).memory();
    }
    return sum;
  }

  /// Index of the innermost frame.
  public int depth() {
    return depth;
  }

  public Frame frame(int index) {
    Frame frame = frames[index];
    if (frame == null) {
      throw new IllegalStateException("no frame " + index);
    }
    return frame;
  }

  /// The innermost frame.
  public Frame top() {
    return frame(depth);
  }

  public void push(Frame frame) {
    frames[++depth] = frame;
  }

  public Frame pop() {
    Frame frame = top();
    frames[depth--] = null;
    return frame;
  }

  public Value register(int number) {
    return top().register(number);
  }

  public void setRegister(int number, Value value) {
    top().setRegister(number, value);
  }

  /// The frame that a pointer to the stack points into.
  public Frame frameOf(Value pointer) {
    return pointer.target() instanceof Target.InFrame(int index) ? frame(index) : top();
  }

  public int acquiredCount() {
    return acquired.length;
  }

  public Acquired acquired(int index) {
    return acquired[index];
  }

  public void acquire(Acquired thing) {
    acquired = Arrays.copyOf(acquired, acquired.length + 1);
    acquired[acquired.length - 1] = thing;
    if (thing.kind().isLock()) {
      lockCount++;
    }
    findActive();
  }

  /// The lock and the interrupt flag that were taken last are those to be given back next.
  private void findActive() {
    activeLockId = 0;
    activeLockOwner = null;
    activeIrqId = 0;
    for (Acquired thing : acquired) {
      if (thing.kind().isLock()) {
        activeLockId = thing.id();
        activeLockOwner = thing.owner();
      } else if (thing.kind() == Acquired.Kind.IRQ) {
        activeIrqId = thing.id();
      }
    }
  }

  /// Whether a lock is held.
  public boolean holdsLock(Acquired.Kind kind, int id, Object owner) {
    return indexOfLock(kind, id, owner) >= 0;
  }

  private int indexOfLock(Acquired.Kind kind, int id, Object owner) {
    for (int i = acquired.length - 1; i >= 0; i--) {
      Acquired thing = acquired[i];
      if (thing.kind() == kind && thing.id() == id && thing.owner() == owner) {
        return i;
      }
    }
    return -1;
  }

  /// Gives back a lock that is held.
  public void releaseLock(Acquired.Kind kind, int id, Object owner) {
    remove(indexOfLock(kind, id, owner));
    lockCount--;
    findActive();
  }

  private void remove(int index) {
    Acquired[] rest = new Acquired[acquired.length - 1];
    System.arraycopy(acquired, 0, rest, 0, index);
    System.arraycopy(acquired, index + 1, rest, index, rest.length - index);
    acquired = rest;
  }

  /// Whether a thing is still to be given back.
  public boolean holds(Acquired.Kind kind, int id) {
    for (Acquired thing : acquired) {
      if (thing.kind() == kind && thing.id() == id) {
        return true;
      }
    }
    return false;
  }

  /// Gives a thing back; false if it was not held.
  public boolean release(Acquired.Kind kind, int id) {
    for (int i = acquired.length - 1; i >= 0; i--) {
      if (acquired[i].kind() == kind && acquired[i].id() == id) {
        remove(i);
        findActive();
        return true;
      }
    }
    return false;
  }

  /// Replaces every value in registers and spilled slots of all frames.
  public void mapValues(ValueChange change) {
    for (int f = 0; f <= depth; f++) {
      Frame frame = frame(f);
      for (int i = 0; i < 10; i++) {
        Value old = frame.register(i);
        if (old.kind() != Kind.UNINITIALIZED) {
          frame.setRegister(i, change.apply(old));
        }
      }
      for (int i = 0; i < frame.slotCount(); i++) {
        if (frame.isSpilled(i)) {
          frame.setSlot(i, change.apply(frame.slot(i)));
        }
      }
    }
  }

  /// What becomes of a value.
  public interface ValueChange {
    Value apply(Value value);
  }

  /// Makes this path go on from a checkpoint: nothing is read or written since.
  public void startFrom(VerifierState checkpoint) {
    parent = checkpoint;
    firstSlot = slot;
    steps = 0;
    globalCalls = 0;
    history.clear();
    for (int i = 0; i <= depth; i++) {
      Frame frame = frame(i);
      frame.parent = checkpoint.frame(i);
      frame.slotsRead = 0;
      frame.slotsWritten = 0;
      frame.preciseRegisters = 0;
      frame.preciseSlots = 0;
    }
  }

  /// Forgets which registers were marked precise in the states that this was copied from.
  public void startPrecision() {
    for (int i = 0; i <= depth; i++) {
      Frame frame = frame(i);
      frame.slotsRead = 0;
      frame.preciseRegisters = 0;
      frame.preciseSlots = 0;
    }
  }
}
