package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.History;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Follows a number back along the path to where it came from, and marks what it was made of in the
/// checkpoints on the way: their exact ranges matter, so a later state must lie within them.
///
/// Source of the rules: the kernel's `backtrack_insn` and `__mark_chain_precision`.
final class Precision {
  private static final int ARGUMENTS = 0x3e;
  private static final int START = -1;

  private final ProgramCode code;
  private final Calls calls;
  private final @Nullable PrecisionObserver observer;
  private final int[] registers = new int[VerifierState.MAX_FRAMES];
  private final long[] slots = new long[VerifierState.MAX_FRAMES];
  private int frame;
  private boolean stopped;

  /// What the tables know of calls.
  interface Calls {
    /// Whether the call at a slot runs a function of the program before it returns.
    boolean callsBack(int slot);
  }

  /// @param observer who follows, if anyone does
  Precision(ProgramCode code, Calls calls, @Nullable PrecisionObserver observer) {
    this.code = code;
    this.calls = calls;
    this.observer = observer;
  }

  /// Follows nothing any more, where no state is compared with another.
  void stop() {
    stopped = true;
  }

  /// The number in a register of the innermost frame is needed precisely before the instruction at
  /// `state.slot`.
  void markRegister(VerifierState state, int register) {
    reset(state.depth());
    registers[frame] = 1 << register;
    walk(state);
  }

  /// The number spilled to a stack slot of a frame is needed precisely before the instruction at
  /// `state.slot`.
  void markSlot(VerifierState state, int frameNumber, int slot) {
    reset(state.depth());
    slots[frameNumber] = 1L << slot;
    walk(state);
  }

  /// Whatever `old` needs precisely, `current`, which it covers, needs too. What was marked there
  /// and forgotten since, for nothing reads it, is not needed.
  ///
  /// @return whether a checkpoint learned something
  boolean propagate(VerifierState old, VerifierState current) {
    reset(old.depth());
    for (int f = 0; f <= old.depth(); f++) {
      Frame from = old.frame(f);
      Frame to = current.frame(f);
      for (int i = 0; i < 10; i++) {
        if ((from.preciseRegisters & 1 << i) != 0
            && from.register(i).isScalar()
            && to.register(i).isScalar()) {
          registers[f] |= 1 << i;
        }
      }
      for (int i = 0; i < from.slotCount(); i++) {
        if ((from.preciseSlots & 1L << i) != 0
            && from.isSpilledScalar(i)
            && to.isSpilledScalar(i)) {
          slots[f] |= 1L << i;
        }
      }
    }
    if (observer != null) {
      for (int f = old.depth(); f >= 0; f--) {
        observer.propagates(f, registers[f], slots[f]);
      }
    }
    return walk(current);
  }

  /// Marks every number in every checkpoint on the way.
  boolean markAll(VerifierState state) {
    if (observer != null) {
      observer.marksAll(state);
    }
    boolean changed = false;
    for (VerifierState at = state.parent; at != null && !at.allPrecise; at = at.parent) {
      at.allPrecise = true; // and so are all before it
      for (int f = 0; f <= at.depth(); f++) {
        Frame in = at.frame(f);
        int scalars = 0;
        for (int i = 0; i < 10; i++) {
          if (in.register(i).isScalar()) {
            scalars |= 1 << i;
          }
        }
        long spilled = 0;
        for (int i = 0; i < in.slotCount(); i++) {
          if (in.isSpilledScalar(i)) {
            spilled |= 1L << i;
          }
        }
        if (observer != null) {
          reportForced(observer, f, scalars & ~in.preciseRegisters, spilled & ~in.preciseSlots);
        }
        changed |= (scalars & ~in.preciseRegisters) != 0 || (spilled & ~in.preciseSlots) != 0;
        in.preciseRegisters |= scalars;
        in.preciseSlots |= spilled;
      }
    }
    return changed;
  }

  private static void reportForced(
      PrecisionObserver observer, int frame, int registers, long slots) {
    for (int left = registers; left != 0; left &= left - 1) {
      observer.forcesRegister(frame, Integer.numberOfTrailingZeros(left));
    }
    for (long left = slots; left != 0; left &= left - 1) {
      observer.forcesSlot(frame, Long.numberOfTrailingZeros(left));
    }
  }

  private void reset(int depth) {
    for (int i = 0; i < registers.length; i++) {
      registers[i] = 0;
      slots[i] = 0;
    }
    frame = depth;
  }

  private boolean isEmpty() {
    for (int i = 0; i <= frame; i++) {
      if (registers[i] != 0 || slots[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean walk(VerifierState start) {
    if (stopped || isEmpty()) {
      return false;
    }
    boolean changed = false;
    VerifierState state = start;
    int last = start.slot;
    int after = START;
    boolean skip = true;
    while (true) {
      History history = state.history;
      int entry = history.size();
      if (observer != null) {
        observer.stretch(frame, last, state.firstSlot, after);
      }
      if (last < 0) {
        // The entry of the function: only its arguments can still be wanted, and nothing made them.
        boolean arguments = frame == 0 && (registers[0] & ~ARGUMENTS) == 0 && slots[0] == 0;
        return (!arguments && markAll(start)) || changed;
      }
      for (int slot = last; ; ) {
        if (skip) {
          skip = false;
        } else {
          boolean noted = entry > 0 && history.slot(entry - 1) == slot;
          int note = noted ? history.note(entry - 1) : 0;
          long links = noted ? history.links(entry - 1) : 0;
          if (observer != null) {
            observer.undoes(frame, registers[frame], slots[frame], slot);
          }
          if (!stepBack(slot, after, note, links)) {
            return markAll(start) || changed;
          }
        }
        if (isEmpty()) {
          return changed;
        }
        after = slot;
        if (slot == state.firstSlot && (entry == 0 || (entry == 1 && history.slot(0) == slot))) {
          break;
        }
        if (entry > 0 && history.slot(entry - 1) == slot) {
          entry--;
          slot = history.previous(entry);
        } else {
          slot = previousSlot(slot);
        }
        if (slot < 0) {
          return markAll(start) || changed;
        }
      }
      VerifierState parent = state.parent;
      if (parent == null) {
        break;
      }
      changed |= markIn(parent);
      if (isEmpty()) {
        return changed;
      }
      last = parent.lastSlot;
      after = state.firstSlot;
      state = parent;
    }
    return (!isEmpty() && markAll(start)) || changed;
  }

  private int previousSlot(int slot) {
    return slot >= 1 && code.isSecondHalf(slot - 1) ? slot - 2 : slot - 1;
  }

  /// Marks what is being followed in a checkpoint; what is marked already was followed from there
  /// before.
  private boolean markIn(VerifierState state) {
    boolean changed = false;
    for (int f = frame; f >= 0; f--) {
      if (f > state.depth()) {
        continue;
      }
      Frame in = state.frame(f);
      for (int i = 0; i < 10; i++) {
        int bit = 1 << i;
        if ((registers[f] & bit) == 0) {
          continue;
        }
        if (!in.register(i).isScalar() || (in.preciseRegisters & bit) != 0) {
          registers[f] &= ~bit;
        } else {
          in.preciseRegisters |= bit;
          changed = true;
        }
      }
      for (int i = 0; i < 64; i++) {
        long bit = 1L << i;
        if ((slots[f] & bit) == 0) {
          continue;
        }
        if (!in.isSpilledScalar(i) || (in.preciseSlots & bit) != 0) {
          slots[f] &= ~bit;
        } else {
          in.preciseSlots |= bit;
          changed = true;
        }
      }
      if (observer != null) {
        observer.marks(f, registers[f], slots[f], state);
      }
    }
    return changed;
  }

  private boolean isSet(int register) {
    return (registers[frame] & 1 << register) != 0;
  }

  private void set(int register) {
    registers[frame] |= 1 << register;
  }

  private void clear(int register) {
    registers[frame] &= ~(1 << register);
  }

  /// Undoes one instruction: what its result was made of takes the place of the result.
  ///
  /// @return false if that cannot be told
  private boolean stepBack(int slot, int after, int note, long links) {
    syncLinks(links);
    boolean known = undo(slot, after, note);
    syncLinks(links);
    return known;
  }

  private void syncLinks(long links) {
    int count = Notes.count(links);
    boolean any = false;
    for (int i = 0; i < count; i++) {
      int f = Notes.linkFrame(links, i);
      int place = Notes.linkPlace(links, i);
      any |=
          Notes.linkIsRegister(links, i)
              ? (registers[f] & 1 << place) != 0
              : (slots[f] & 1L << place) != 0;
    }
    if (!any) {
      return;
    }
    for (int i = 0; i < count; i++) {
      int f = Notes.linkFrame(links, i);
      if (Notes.linkIsRegister(links, i)) {
        registers[f] |= 1 << Notes.linkPlace(links, i);
      } else {
        slots[f] |= 1L << Notes.linkPlace(links, i);
      }
    }
  }

  private boolean undo(int slot, int after, int note) {
    @Nullable Instruction instruction = code.at(slot);
    switch (instruction) {
      case Instruction.Alu(var width, var operation, var dst, var src) -> {
        if (isSet(dst.number())) {
          if (operation == AluOperation.MOV) {
            clear(dst.number());
          }
          setOperand(src);
        }
      }
      case Instruction.MoveSignExtended i -> {
        if (isSet(i.dst().number())) {
          clear(i.dst().number());
          set(i.src().number());
        }
      }
      case Instruction.CastAddressSpace i -> {
        if (isSet(i.dst().number())) {
          clear(i.dst().number());
          set(i.src().number());
        }
      }
      case Instruction.Load i -> load(i.dst().number(), note);
      case Instruction.LoadAcquire i -> load(i.dst().number(), note);
      case Instruction.Store i -> {
        return store(i.dst().number(), note, i.src());
      }
      case Instruction.StoreRelease i -> {
        return store(i.dst().number(), note, new Operand.Reg(i.src()));
      }
      case Instruction.Atomic i -> {
        if (i.operation().fetches()) {
          load(i.operation() == AtomicOperation.CMPXCHG ? 0 : i.src().number(), note);
        }
        return !isSet(i.dst().number());
      }
      case Instruction.LoadImmediate64 i -> clear(i.dst().number());
      case Instruction.LoadPacket i -> {
        return after == slot + 1 ? !isSet(0) : leftEarly();
      }
      case Instruction.Jump i -> jump(i, note);
      case Instruction.CallLocal call -> {
        return callLocal(slot + call.offset() + 1);
      }
      case Instruction.CallHelper(int helper) -> {
        boolean left = helper == Explorer.TAIL_CALL && after != slot + 1;
        return left ? leftEarly() : callOut(slot, after);
      }
      case Instruction.CallKernel call -> {
        return callOut(slot, after);
      }
      case Instruction.Exit exit -> {
        return exit(after);
      }
      case null -> {
        return false;
      }
      case Instruction.Negate i -> {}
      case Instruction.SwapBytes i -> {}
      case Instruction.Goto i -> {}
      case Instruction.MayGoto i -> {}
    }
    return true;
  }

  private void setOperand(Operand operand) {
    if (operand instanceof Operand.Reg(var register)) {
      set(register.number());
    }
  }

  /// Only what comes from a spilled register is followed on; other memory has no range.
  private void load(int dst, int note) {
    if (isSet(dst)) {
      clear(dst);
      if ((note & Notes.STACK_ACCESS) != 0) {
        slots[Notes.frame(note)] |= 1L << Notes.slot(note);
      }
    }
  }

  /// A number that serves as the address of a store came of subtracting pointers: it cannot be
  /// followed.
  private boolean store(int dst, int note, Operand src) {
    if (isSet(dst)) {
      return false;
    }
    if ((note & Notes.STACK_ACCESS) != 0) {
      long bit = 1L << Notes.slot(note);
      if ((slots[Notes.frame(note)] & bit) != 0) {
        slots[Notes.frame(note)] &= ~bit;
        setOperand(src);
      }
    }
    return true;
  }

  private void jump(Instruction.Jump jump, int note) {
    if (!(jump.src() instanceof Operand.Reg(var src))) {
      return;
    }
    int dst = jump.dst().number();
    if (!isSet(dst) && !isSet(src.number())) {
      return;
    }
    if ((note & Notes.RIGHT_IS_STACK) == 0) {
      set(src.number());
    }
    if ((note & Notes.LEFT_IS_STACK) == 0) {
      set(dst);
    }
  }

  /// Back out of a static function into its caller, or over a global one.
  private boolean callLocal(int target) {
    int callee = code.subprogramStarting(target);
    if (callee >= 0 && code.subprogram(callee).isGlobal()) {
      clear(0);
      return (registers[frame] & ARGUMENTS) == 0;
    }
    if (frame == 0 || (registers[frame] & ~ARGUMENTS) != 0 || slots[frame] != 0) {
      return false;
    }
    registers[frame - 1] |= registers[frame] & ARGUMENTS;
    registers[frame] = 0;
    frame--;
    return true;
  }

  private boolean callOut(int slot, int after) {
    if (calls.callsBack(slot) && slot != after - 1) {
      if (frame == 0 || (registers[frame] & ~ARGUMENTS) != 0 || slots[frame] != 0) {
        return false;
      }
      registers[frame] = 0;
      frame--;
      return true;
    }
    clear(0);
    return (registers[frame] & ARGUMENTS) == 0;
  }

  /// Back into a function that ended other than by an exit, with a result that depends on nothing
  /// in it.
  private boolean leftEarly() {
    if ((registers[frame] & ARGUMENTS) != 0 || frame + 1 >= VerifierState.MAX_FRAMES) {
      return false;
    }
    clear(0);
    frame++;
    registers[frame] = 0;
    slots[frame] = 0;
    return true;
  }

  /// Back into a function that returned. Callbacks return to the call itself, functions to the
  /// instruction after it, and only these give their caller a result.
  private boolean exit(int after) {
    if (after >= 0 && calls.callsBack(after)) {
      registers[frame] &= ~ARGUMENTS;
    }
    if ((registers[frame] & ARGUMENTS) != 0 || frame + 1 >= VerifierState.MAX_FRAMES) {
      return false;
    }
    boolean result = after >= 1 && code.at(after - 1) instanceof Instruction.CallLocal && isSet(0);
    clear(0);
    frame++;
    registers[frame] = result ? 1 : 0;
    slots[frame] = 0;
    return true;
  }
}
