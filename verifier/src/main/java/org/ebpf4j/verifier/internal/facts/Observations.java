package org.ebpf4j.verifier.internal.facts;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.RegisterFact;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// What the walk comes by that holds in every run, joined over all of its states.
///
/// Every run is, at each instruction, covered by some state of the walk in the sense of pruning
/// ([org.ebpf4j.verifier.internal.state.StateComparison]): what a live register is, number or
/// pointer; of a pointer, its kind, target, and a range of offsets that holds it; for numbers
/// nothing, unless the proof depends on them. Hence the join over the states of these holds in
/// every run:
///
/// - which registers are pointers, to what, at which offsets;
/// - which way a conditional jump may go, for what decides it is needed precisely;
/// - what a load gives that is not from the stack, and what a helper returns: both follow from
///   pointers, constants and sizes alone, which are needed precisely;
/// - which bytes of the stack an instruction or call touches.
///
/// The ranges of numbers are not among them. [Numbers] finds those anew.
public final class Observations {
  private static final int REGISTERS = 10;
  private static final byte NO_RESULT = -1;

  /// Helpers that read what they are given on the stack, and change none of it.
  private static final BitSet READERS = new BitSet();

  private static final int LOOKUP = number("map_lookup_elem");

  static {
    READERS.set(LOOKUP);
    READERS.set(number("map_update_elem"));
    READERS.set(number("map_delete_elem"));
  }

  private final ProgramCode code;
  private final @Nullable Value[] registers;

  /// What was joined last: paths carry most values on unchanged, and a value joined twice adds
  /// nothing.
  private final @Nullable Value[] lastJoined;

  /// At which depth of the call stack that was, which decides whose frame a pointer leads to.
  private final byte[] lastDepth;

  private final @Nullable Scalar[] results;
  private final byte[] resultRegisters;
  private final boolean[] jumps;
  private final boolean[] calls;
  private final BitSet reached;
  private final BitSet taken;
  private final BitSet passed;
  private final BitSet mayFault;
  private final boolean[] onlyRead;
  private final boolean[] lookups;
  private final TouchedBytes[] escaped;
  private final TouchedBytes[] changed;
  private final TouchedBytes[] escapedBesidesLookups;
  private final short[] lowestByte;
  private final short[] highestByte;

  private final OpenMemory open = new OpenMemory();

  private final HandedAddresses handed;

  /// Addresses of the stack that the call under way was given, and for which it has not said yet
  /// what it touches there: function and index by register, or -1.
  private final int[] handedFunction = {-1, -1, -1, -1, -1, -1};

  private final int[] handedIndex = new int[handedFunction.length];
  private int handedAt;

  private static int number(String helper) {
    return Helpers.byName(helper).orElseThrow().id();
  }

  public Observations(ProgramCode code) {
    this.code = code;
    int size = code.size();
    registers = new @Nullable Value[size * REGISTERS];
    lastJoined = new @Nullable Value[size * REGISTERS];
    lastDepth = new byte[size];
    results = new @Nullable Scalar[size];
    resultRegisters = new byte[size];
    jumps = new boolean[size];
    calls = new boolean[size];
    reached = new BitSet(size);
    taken = new BitSet(size);
    passed = new BitSet(size);
    mayFault = new BitSet(size);
    escaped = TouchedBytes.ofEach(code.subprogramCount());
    changed = TouchedBytes.ofEach(code.subprogramCount());
    escapedBesidesLookups = TouchedBytes.ofEach(code.subprogramCount());
    onlyRead = new boolean[size];
    lookups = new boolean[size];
    lowestByte = new short[size];
    highestByte = new short[size];
    Arrays.fill(lowestByte, Short.MAX_VALUE);
    Arrays.fill(highestByte, (short) -1);
    handed = new HandedAddresses(code);
    for (int slot = 0; slot < size; slot++) {
      Instruction instruction = code.at(slot);
      jumps[slot] = instruction instanceof Instruction.Jump;
      calls[slot] =
          instruction instanceof Instruction.CallHelper
              || instruction instanceof Instruction.CallKernel;
      onlyRead[slot] =
          instruction instanceof Instruction.CallHelper call
              && call.helper() >= 0
              && READERS.get(call.helper());
      lookups[slot] = instruction instanceof Instruction.CallHelper call && call.helper() == LOOKUP;
      resultRegisters[slot] =
          switch (instruction) {
            case Instruction.Load load -> (byte) load.dst().number();
            case Instruction.LoadAcquire load -> (byte) load.dst().number();
            case Instruction.CallHelper call -> 0;
            case null, default -> NO_RESULT;
          };
    }
  }

  /// Control went from one instruction to another, or the walk found that it may.
  ///
  /// @param from -1 where the walk begins
  public void edge(int from, int to) {
    if (from < 0 || !jumps[from]) {
      return;
    }
    if (to == from + 1) {
      passed.set(from);
    }
    if (code.at(from) instanceof Instruction.Jump jump && to == from + 1 + jump.offset()) {
      taken.set(from);
    }
  }

  /// A state before an instruction.
  ///
  /// @param live the registers that may be read, as bits
  public void before(int slot, VerifierState state, int live) {
    reached.set(slot);
    Frame frame = state.top();
    int stored = handed.stored(slot);
    if (stored >= 0 && frame.register(stored).kind() == Kind.STACK) {
      followed(slot, state, frame.register(stored));
    }
    int depth = state.depth();
    boolean sameDepth = lastDepth[slot] == depth;
    lastDepth[slot] = (byte) depth;
    int left = live & ((1 << REGISTERS) - 1);
    for (int register = 0, i = slot * REGISTERS; left != 0; register++, i++, left >>>= 1) {
      if ((left & 1) == 0) {
        continue;
      }
      Value value = frame.register(register);
      if (value == lastJoined[i] && sameDepth) {
        continue;
      }
      lastJoined[i] = value;
      Value seen = registers[i];
      if (seen != Value.UNINITIALIZED && (seen == null || !seen.isScalar() || !value.isScalar())) {
        registers[i] = join(seen, value, depth);
      }
    }
  }

  /// An address of the stack is stored where somebody may follow it. On the stack it stays the
  /// pointer that it is; anywhere else it is a number afterwards, from which one may come to all of
  /// the frame.
  private void followed(int slot, VerifierState state, Value pointer) {
    int to = base(code.at(slot));
    boolean stays =
        code.at(slot) instanceof Instruction.Store && state.register(to).kind() == Kind.STACK;
    int from = stays ? index(pointer) : Frame.STACK_BYTES - 1;
    touchFrom(state.frameOf(pointer).subprogram, from, true, true);
  }

  private static Value join(@Nullable Value seen, Value value, int depth) {
    if (!value.isInitialized()) {
      return Value.UNINITIALIZED;
    }
    if (value.isScalar()) {
      return seen == null ? Value.UNKNOWN : Value.UNINITIALIZED;
    }
    Value pointer = Pointers.seenAt(depth, value);
    if (seen == null) {
      return pointer;
    }
    return seen.isScalar() ? Value.UNINITIALIZED : Pointers.join(seen, pointer);
  }

  /// The state before a call that may touch what its arguments point at: notes which bytes of the
  /// stack it is given.
  public void arguments(int slot, VerifierState state) {
    if (!calls[slot]) {
      return;
    }
    settle();
    handedAt = slot;
    for (int register = 1; register <= 5; register++) {
      Value pointer = state.register(register);
      if (pointer.kind() != Kind.STACK) {
        continue;
      }
      int function = state.frameOf(pointer).subprogram;
      switch (handed.use(slot, register)) {
        case NUMBER -> touchFrom(function, index(pointer), !onlyRead[slot], !lookups[slot]);
        case SIZED -> {
          handedFunction[register] = function;
          handedIndex[register] = index(pointer);
        }
        case NONE, CALLBACK -> {
          // Nobody goes there whom the walk does not see.
        }
      }
    }
  }

  /// The call is over: where it did not say what it touches, it may touch all from there upwards.
  private void settle() {
    for (int register = 1; register < handedFunction.length; register++) {
      if (handedFunction[register] >= 0) {
        touchFrom(
            handedFunction[register],
            handedIndex[register],
            !onlyRead[handedAt],
            !lookups[handedAt]);
        handedFunction[register] = -1;
      }
    }
  }

  private static int index(Value pointer) {
    return Math.min((int) -Pointers.least(pointer), Frame.STACK_BYTES) - 1;
  }

  /// Somebody else may touch the bytes of a function's frame from one upwards.
  ///
  /// @param index of that byte, negative for none
  /// @param changes whether that one may store there, and not only read
  /// @param keeps whether that one is something else than a lookup, which is done with it at once
  private void touchFrom(int function, int index, boolean changes, boolean keeps) {
    if (index >= 0) {
      escaped[function].touchFrom(index);
      if (changes) {
        changed[function].touchFrom(index);
      }
      if (keeps) {
        escapedBesidesLookups[function].touchFrom(index);
      }
    }
  }

  /// The state after an instruction, on the way that goes on.
  public void after(int slot, VerifierState state) {
    byte register = resultRegisters[slot];
    if (register == NO_RESULT || results[slot] == Scalar.UNKNOWN) {
      return;
    }
    Value value = state.register(register);
    Scalar number = value.isScalar() ? value.number() : Scalar.UNKNOWN;
    Scalar seen = results[slot];
    if (seen == null) {
      results[slot] = number;
    } else if (!seen.contains(number)) {
      results[slot] = seen.union(number);
    }
  }

  /// The instruction accesses memory through a pointer.
  public void access(int slot, Value pointer) {
    boolean sure =
        switch (pointer.kind()) {
          case BTF_OBJECT -> pointer.has(Flags.ALLOCATED) && !pointer.has(Flags.UNTRUSTED);
          case ARENA -> false;
          default -> !pointer.has(Flags.UNTRUSTED);
        };
    if (!sure) {
      mayFault.set(slot);
    }
  }

  /// The instruction, or what it calls, may touch so many bytes at a pointer.
  public void reach(int slot, Value pointer, int size) {
    open.reach(slot, code.at(slot), pointer, size);
  }

  /// Memory that is a run's to bring.
  public OpenMemory open() {
    return open;
  }

  /// The instruction touches bytes of the stack.
  ///
  /// @param own whether they are in the frame of the function that it belongs to
  /// @param first the index of the least byte, counted down from the frame pointer
  /// @param end one more than the greatest
  public void stack(int slot, Frame frame, boolean own, int first, int end) {
    if (calls[slot]) {
      said(frame.subprogram, first, end);
    }
    if (!own || calls[slot]) {
      escaped[frame.subprogram].touch(first, end);
      if (!own || !onlyRead[slot]) {
        changed[frame.subprogram].touch(first, end);
      }
      if (!own || !lookups[slot]) {
        escapedBesidesLookups[frame.subprogram].touch(first, end);
      }
    } else {
      lowestByte[slot] = (short) Math.min(lowestByte[slot], first);
      highestByte[slot] = (short) Math.max(highestByte[slot], end - 1);
    }
  }

  private void said(int function, int first, int end) {
    for (int register = 1; register < handedFunction.length; register++) {
      if (handedFunction[register] == function
          && first <= handedIndex[register]
          && handedIndex[register] < end) {
        handedFunction[register] = -1;
      }
    }
  }

  /// Once the walk is over: lets those bytes escape that an instruction reaches at an offset that
  /// is not always the same.
  public void finish() {
    settle();
    for (int slot = reached.nextSetBit(0); slot >= 0; slot = reached.nextSetBit(slot + 1)) {
      int function = code.subprogramAt(slot).index();
      if (highestByte[slot] >= 0) {
        Value pointer = addressOf(slot);
        if (pointer == null || !Pointers.isFixedInOwnFrame(pointer)) {
          int end = highestByte[slot] + 1;
          escaped[function].touch(lowestByte[slot], end);
          changed[function].touch(lowestByte[slot], end);
          escapedBesidesLookups[function].touch(lowestByte[slot], end);
        }
      }
    }
  }

  /// The base register's content before a load, store or atomic operation.
  private @Nullable Value addressOf(int slot) {
    int register = base(code.at(slot));
    return register < 0 ? null : register(slot, register);
  }

  private static int base(@Nullable Instruction instruction) {
    return switch (instruction) {
      case Instruction.Load i -> i.src().number();
      case Instruction.Store i -> i.dst().number();
      case Instruction.Atomic i -> i.dst().number();
      case Instruction.LoadAcquire i -> i.src().number();
      case Instruction.StoreRelease i -> i.dst().number();
      case null, default -> -1;
    };
  }

  public boolean isReached(int slot) {
    return reached.get(slot);
  }

  /// Whether a conditional jump may go this way.
  public boolean mayBranch(int slot, boolean jumping) {
    return jumping ? taken.get(slot) : passed.get(slot);
  }

  public boolean mayFault(int slot) {
    return mayFault.get(slot);
  }

  /// What a live register is in all states before an instruction: a pointer, some scalar, or
  /// [Value#UNINITIALIZED] for things that have nothing in common; null for what was never seen.
  @Nullable Value register(int slot, int register) {
    if (register == 10) {
      return Value.pointer(Kind.STACK, 0, Pointers.OWN_FRAME);
    }
    return registers[slot * REGISTERS + register];
  }

  /// The pointer that a live register holds in all states before an instruction, if it is one.
  public Optional<RegisterFact> pointer(int slot, int register) {
    Value value = register(slot, register);
    return value != null && value.isPointer()
        ? Optional.of(Pointers.fact(value, code))
        : Optional.empty();
  }

  /// What a load from other memory than the stack gives, or a helper; null for other instructions.
  @Nullable Scalar result(int slot) {
    return results[slot];
  }

  /// Bytes of a function's frame that escape, by index down from the frame pointer.
  public BitSet escaped(int function) {
    return escaped[function].bytes();
  }

  /// Bytes of a function's frame that something else than its own stores may change, by index down
  /// from the frame pointer: of those that escape, all that are not handed to helpers that only
  /// read them.
  public BitSet changed(int function) {
    return changed[function].bytes();
  }

  /// Bytes of a function's frame that escape to something else than the function's own lookups in
  /// maps, by index down from the frame pointer.
  public BitSet escapedBesidesLookups(int function) {
    return escapedBesidesLookups[function].bytes();
  }

  /// Where a load, store or atomic operation goes to, if always to the same bytes of the function's
  /// own frame: the offset from the frame pointer; else 0.
  int ownStackOffset(int slot) {
    Value pointer = addressOf(slot);
    if (pointer == null || !Pointers.isFixedInOwnFrame(pointer)) {
      return 0;
    }
    return Pointers.offset(pointer)
        + switch (code.at(slot)) {
          case Instruction.Load i -> i.offset();
          case Instruction.Store i -> i.offset();
          case Instruction.Atomic i -> i.offset();
          case Instruction.LoadAcquire i -> i.offset();
          case Instruction.StoreRelease i -> i.offset();
          case null, default -> 0;
        };
  }

  /// The end of what a load, store or atomic operation may reach in the context; 0 for others.
  public long contextBytes(int slot) {
    Value pointer = addressOf(slot);
    if (pointer == null || pointer.kind() != Kind.CONTEXT) {
      return 0;
    }
    return Pointers.greatest(pointer)
        + switch (code.at(slot)) {
          case Instruction.Load i -> i.offset() + i.size().bytes();
          case Instruction.Store i -> i.offset() + i.size().bytes();
          case Instruction.Atomic i -> i.offset() + i.size().bytes();
          case Instruction.LoadAcquire i -> i.offset() + i.size().bytes();
          case Instruction.StoreRelease i -> i.offset() + i.size().bytes();
          case null, default -> 0;
        };
  }

  /// Whether a load may be from the stack.
  boolean mayTouchStack(int slot) {
    Value pointer = addressOf(slot);
    return pointer == null || !pointer.isPointer() || pointer.kind() == Kind.STACK;
  }
}
