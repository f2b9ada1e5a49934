package org.ebpf4j.verifier.internal.explore;

import java.util.ArrayDeque;
import java.util.Deque;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Register;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.facts.Observations;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Turn;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Where the walk through the program's paths is, and what waits to be walked: the ground that all
/// rules of instructions stand on.
final class Walk {
  private static final int MAX_PENDING = 8192;

  final ProgramCode code;
  final ControlFlow flow;
  final Rules rules;
  final Precision precision;
  final Pruner pruner;
  final Observations observed;
  final PointerSecrecy secrecy;

  /// What is known before the current instruction, and as rules apply, after it.
  VerifierState state = new VerifierState();

  /// The current instruction.
  int slot;

  /// The instruction before it on this path.
  int previous = -1;

  /// Instructions explored.
  long processed;

  private final Deque<Pending> pending = new ArrayDeque<>();
  private final @Nullable Value[] pointers;
  private int lastId;
  private boolean noted;
  private int forks;

  /// Whether the current instruction's rules are being applied, or were; else it is only arrived
  /// at.
  boolean within;

  /// The path to be followed, if only one is.
  @Nullable Retrace retrace;

  /// A state to go on from, and the instruction before it.
  ///
  /// @param fork which it is of those that this instruction put aside, or [Turn.Resumed#ITSELF]
  record Pending(VerifierState state, int slot, int previous, int fork) {}

  Walk(ProgramCode code, ControlFlow flow, Rules rules, Pruner pruner, Precision precision) {
    this.code = code;
    this.flow = flow;
    this.rules = rules;
    this.pruner = pruner;
    this.precision = precision;
    this.observed = new Observations(code);
    this.secrecy = new PointerSecrecy(this);
    this.pointers = new @Nullable Value[code.size()];
  }

  int newId() {
    return ++lastId;
  }

  int lastId() {
    return lastId;
  }

  /// A refusal of the current instruction, to be thrown.
  ///
  /// @param errno what Linux gives with these words
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
  Refusal refuse(Errno errno, String format, Object... arguments) {
    return Refusal.at(
        errno, slot, arguments.length == 0 ? format : String.format(format, arguments));
  }

  /// What a register holds, which must be initialised.
  Value read(int register) {
    Value value = state.register(register);
    if (!value.isInitialized()) {
      throw refuse(Errno.EACCES, "R%d !read_ok", register);
    }
    return value;
  }

  Value read(Register register) {
    return read(register.number());
  }

  /// What a register holds, initialised or not.
  Value peek(int register) {
    return state.register(register);
  }

  /// Checks that a register may be written.
  void checkWritable(int register) {
    if (register == 10) {
      throw refuse(Errno.EACCES, "frame pointer is read only");
    }
  }

  void write(Register register, Value value) {
    write(register.number(), value);
  }

  void write(int register, Value value) {
    checkWritable(register);
    state.setRegister(register, value);
  }

  /// The caller's registers after a call.
  void clobber() {
    for (int i = 0; i <= 5; i++) {
      state.setRegister(i, Value.UNINITIALIZED);
    }
  }

  /// The number in a register must be known as it is for the proof to hold.
  void needPrecise(int register) {
    if (state.register(register).isScalar()) {
      state.slot = slot;
      precision.markRegister(state, register);
    }
  }

  /// As [#needPrecise], of a number spilled to the stack.
  void needPreciseSlot(Frame frame, int stackSlot) {
    state.slot = slot;
    precision.markSlot(state, frame.number, stackSlot);
  }

  /// A number to be linked with its copies: gives it an id. What was linked by a sum is not any
  /// more, though it be a constant.
  Value linked(int register) {
    Value value = state.register(register);
    if (!value.isScalar()) {
      return value;
    }
    if ((value.id() & Value.PLUS_CONSTANT) != 0) {
      value = value.unlinked();
      state.setRegister(register, value);
    }
    if (value.id() == 0 && !value.number().isConstant()) {
      value = value.withId(newId());
      state.setRegister(register, value);
    }
    return value;
  }

  void startInstruction() {
    within = true;
    forks = 0;
    noted = false;
    if (flow.isJumpPoint(slot)) {
      note(0, 0);
    }
  }

  /// Leaves word in the history for backtracking.
  void note(int note, long links) {
    if (noted) {
      state.history.amendLast(note, links);
    } else {
      state.history.add(slot, previous, note, links);
      noted = true;
    }
  }

  /// Puts the state as it is aside, to go on from `target` later.
  ///
  /// @return the state put aside, open to change
  VerifierState fork(int target) {
    return fork(target, Errno.EFAULT);
  }

  /// As [#fork(int)].
  ///
  /// @param tooMany what Linux gives where too many states are put aside already
  VerifierState fork(int target, Errno tooMany) {
    if (pending.size() >= MAX_PENDING) {
      throw refuse(tooMany, "The sequence of %d jumps is too complex.", MAX_PENDING + 1);
    }
    VerifierState other = state.copy();
    if (other.parent != null) {
      other.parent.branches++;
    }
    later(other, target);
    return other;
  }

  /// Puts aside a state that does not go on from this one, for an asynchronous callback.
  void later(VerifierState other, int target) {
    pending.push(new Pending(other, target, slot, forks++));
  }

  /// Puts aside a path that was taken for ended.
  void again(VerifierState uncovered) {
    pending.push(new Pending(uncovered, uncovered.slot, uncovered.lastSlot, Turn.Resumed.ITSELF));
  }

  /// Goes on with what was put aside last.
  ///
  /// @return false if nothing is left
  boolean next() {
    Pending popped = pending.poll();
    if (popped == null) {
      return false;
    }
    goOn(popped);
    state.turns = new Turn.Resumed(state.pathSteps, popped.fork(), lastId, state.turns);
    return true;
  }

  private void goOn(Pending from) {
    state = from.state();
    slot = from.slot();
    previous = from.previous();
  }

  /// Goes on with one of the states that the last instruction put aside, by its number.
  void takeUp(int fork) {
    for (Pending aside : pending) {
      if (aside.fork() == fork) {
        goOn(aside);
        return;
      }
    }
    throw new IllegalStateException("instruction " + slot + " put no state aside");
  }

  /// Forgets what was put aside, and what is only needed to trace numbers back.
  void forgetOthers() {
    pending.clear();
    state.history.clear();
  }

  /// Sees to it that ids go on from one.
  void continueIds(int highest) {
    lastId = highest;
  }

  /// Forgets numbers that change from round to round of a loop.
  ///
  /// @param from where the path came from
  /// @param start the instruction that each round starts with
  /// @param now a state at the start of the next round
  void widen(@Nullable VerifierState from, int start, VerifierState now) {
    Turn.@Nullable Places widened = null;
    if (retrace != null) {
      widened = retrace.widened(now.pathSteps);
      if (widened != null) {
        widened.forget(now);
      }
    } else if (from != null) {
      VerifierState before = pruner.previousEntry(from, start);
      widened = before == null ? null : Widening.widen(before, now);
    }
    if (widened != null) {
      now.turns = new Turn.Widened(now.pathSteps, widened, now.turns);
    }
  }

  /// An instruction that is rewritten by the type of its pointer must see one such type only. Plain
  /// loads from memory and objects do with checked ones. Source: `save_aux_ptr_type`.
  ///
  /// @param plainLoad whether it is a load without an order
  void usePointer(Value pointer, boolean plainLoad) {
    observed.access(slot, pointer);
    Value before = pointers[slot];
    if (before == null) {
      pointers[slot] = pointer;
    } else if (!before.is(pointer.kind(), pointer.flags())
        && (isRewritten(before.kind()) || isRewritten(pointer.kind()))) {
      if (!plainLoad || !isMemoryOrObject(before) || !isMemoryOrObject(pointer)) {
        throw otherPointer();
      }
      if (pointer.kind() == Kind.MEMORY) {
        // Which goes with all that memory goes with, from now on.
        pointers[slot] = pointer;
      }
    }
  }

  /// The same for an atomic operation, which is rewritten for arenas only.
  void useAtomicPointer(Value pointer) {
    observed.access(slot, pointer);
    Value before = pointers[slot];
    if (before == null) {
      pointers[slot] = pointer;
    } else if ((before.kind() == Kind.ARENA) != (pointer.kind() == Kind.ARENA)) {
      throw otherPointer();
    }
  }

  private Refusal otherPointer() {
    return refuse(Errno.EINVAL, "same insn cannot be used with different pointers");
  }

  private static boolean isMemoryOrObject(Value pointer) {
    return pointer.kind() == Kind.MEMORY || pointer.kind() == Kind.BTF_OBJECT;
  }

  private static boolean isRewritten(Kind kind) {
    return switch (kind) {
      case CONTEXT, SOCKET, SOCK_COMMON, TCP_SOCK, XDP_SOCK, BTF_OBJECT, ARENA -> true;
      case UNINITIALIZED,
          SCALAR,
          MAP,
          MAP_VALUE,
          MAP_KEY,
          STACK,
          PACKET_META,
          PACKET,
          PACKET_END,
          FLOW_KEYS,
          TRACE_BUFFER,
          MEMORY,
          BUFFER,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          false;
    };
  }
}
