package org.ebpf4j.verifier;

import java.util.Optional;
import java.util.OptionalLong;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.facts.Numbers;
import org.ebpf4j.verifier.internal.facts.Observations;
import org.jspecify.annotations.Nullable;

/// What holds in every run of an accepted program, whatever its input.
///
/// Each fact is an invariant, and not only what the verifier's walk came by: the walk leaves out
/// paths that other ones cover.
///
/// Slots are instructions, counted in 8 bytes from the program's start. Functions are counted in
/// the order of their slots; function 0 is the program itself.
public final class Facts {
  private static final RegisterFact UNKNOWN = new RegisterFact.Unknown();
  private static final int FRAME_POINTER = 10;

  private final ProgramCode code;
  private final ControlFlow flow;
  private final Observations observed;
  private final OptionalLong instructionBound;
  private final Optional<HookResult> hookResult;
  private Scalar @Nullable [] @Nullable [] numbers;

  Facts(
      ProgramCode code,
      ControlFlow flow,
      Observations observed,
      OptionalLong instructionBound,
      Optional<HookResult> hookResult) {
    this.hookResult = hookResult;
    this.code = code;
    this.flow = flow;
    this.observed = observed;
    this.instructionBound = instructionBound;
  }

  /// Whether a run may come to the instruction at a slot.
  public boolean isReachable(int slot) {
    return observed.isReached(slot);
  }

  /// Whether a conditional jump may go this way.
  ///
  /// @param taken whether it jumps, or goes on to the instruction after it
  public boolean mayBranch(int slot, boolean taken) {
    return observed.mayBranch(slot, taken);
  }

  /// Whether a register's value may still be read when control is before the instruction at a slot.
  ///
  /// @param register its number, 0 to 9
  public boolean isLive(int slot, int register) {
    return (flow.readBefore(slot) & 1 << register) != 0;
  }

  /// What a register holds when control is before the instruction at a slot.
  ///
  /// @param register its number, 0 to 10
  /// @return for registers that are not live or are read unchecked, and for slots that are not
  ///   reached, that nothing is known
  public RegisterFact before(int slot, int register) {
    boolean walked = isReachable(slot) && (flow.liveBefore(slot) & 1 << register) != 0;
    if (register != FRAME_POINTER && !walked) {
      return UNKNOWN;
    }
    return observed.pointer(slot, register).orElseGet(() -> scalar(numbersBefore(slot), register));
  }

  private static RegisterFact scalar(Scalar @Nullable [] numbers, int register) {
    if (numbers == null || numbers[register].equals(Scalar.UNKNOWN)) {
      return UNKNOWN;
    }
    Scalar number = numbers[register];
    return new RegisterFact.Scalar(
        number.smin(),
        number.smax(),
        number.umin(),
        number.umax(),
        number.smin32(),
        number.smax32(),
        number.umin32(),
        number.umax32(),
        number.bits().value(),
        number.bits().mask());
  }

  /// Found when they are first asked for: they cost about as much as they are worth to a compiler,
  /// and to nobody else.
  private synchronized Scalar @Nullable [] numbersBefore(int slot) {
    if (numbers == null) {
      numbers = Numbers.before(code, observed);
    }
    return numbers[slot];
  }

  /// Whether the memory that the instruction at a slot accesses may not be there: objects of the
  /// kernel that are gone, arena pages that were never allocated. Linux lets such loads give 0, and
  /// drops such stores.
  public boolean mayFault(int slot) {
    return observed.mayFault(slot);
  }

  /// How many bytes of the context, from its start, a run may reach: one that is given fewer is not
  /// covered by the proof (Linux's `max_ctx_offset`).
  public long contextBytes() {
    long bytes = observed.open().contextBytes();
    for (int slot = 0; slot < code.size(); slot++) {
      if (isReachable(slot)) {
        bytes = Math.max(bytes, observed.contextBytes(slot));
      }
    }
    return bytes;
  }

  /// For security hooks, what the context's last word is taken to be.
  public Optional<HookResult> hookResult() {
    return hookResult;
  }

  /// How many bytes of a key that an iterator shows, from its start, a run may reach: one that is
  /// shown fewer is not covered by the proof.
  public long shownKeyBytes() {
    return observed.open().keyBytes();
  }

  /// The same for the value that it shows.
  public long shownValueBytes() {
    return observed.open().valueBytes();
  }

  /// Whether the call at a slot may be given an object of the kernel as plain memory. A host that
  /// has no bytes of such objects has to look.
  public boolean mayBeObject(int slot) {
    return observed.open().mayBeObject(slot);
  }

  /// Whether functions of the program may be given objects of the kernel as plain memory
  /// ([PointerKind#MEMORY]).
  public boolean mayMemoryBeObjects() {
    return observed.open().isInFunctions();
  }

  /// Functions that the program has.
  public int functionCount() {
    return code.subprogramCount();
  }

  /// Bytes of its frame's stack that a function uses at most.
  ///
  /// @param function its index in the order of the functions' slots
  public int stackDepth(int function) {
    return code.subprogram(function).stackDepth;
  }

  /// How a function uses its frame of the stack.
  ///
  /// @param function its index in the order of the functions' slots
  public StackUse stackUse(int function) {
    return new StackUse(
        stackDepth(function),
        observed.escaped(function),
        observed.changed(function),
        observed.escapedBesidesLookups(function));
  }

  /// Instructions that one run executes at most, up to its exit or tail call; callbacks that
  /// helpers call within the run are counted, those that run later are not.
  ///
  /// @return nothing if no bound is known: the run ends, but the proof does not say when
  public OptionalLong instructionBound() {
    return instructionBound;
  }
}
