package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.runtime.internal.run.StepObserver;
import org.jspecify.annotations.Nullable;

/// Where a run is: its frames, the instruction under way, and what is left of its budget.
///
/// The stack has frames of 512 bytes, the outermost lowest, 8 for each program of a chain of tail
/// calls; each is cleared when a function begins, so that nothing of an earlier run is seen.
public abstract class FramedRun extends CheckedMemory {
  /// `MAX_CALL_FRAMES` in Linux 6.18's `include/linux/bpf_verifier.h`.
  static final int MAX_FRAMES = 8;

  /// `MAX_BPF_STACK` in Linux 6.18's `include/linux/filter.h`.
  public static final int STACK_BYTES = 512;

  /// `MAX_TAIL_CALL_CNT` in Linux 6.18's `include/linux/bpf.h`.
  static final int MAX_TAIL_CALLS = 33;

  /// Frames of one run: a tail call leaves the frames below its own in place, and the program that
  /// it enters has 8 of its own.
  private static final int ALL_FRAMES = MAX_FRAMES * (MAX_TAIL_CALLS + 1);

  private final SavedFrames saved = new SavedFrames(ALL_FRAMES);

  private final int[] mayGotos = new int[ALL_FRAMES];

  /// The frame in which the current program began, by a tail call or as the first.
  int firstFrame;

  /// The instruction under way, for faults.
  int slot;

  private final @Nullable StepObserver observer;
  private final long mostInstructions;
  private long budget;

  FramedRun(int cpu, HostServices services, LinkedProgram first, ProgramContext firstContext) {
    super(cpu, services, (long) ALL_FRAMES * STACK_BYTES, first, firstContext);
    this.observer = observer().orElse(null);
    this.mostInstructions = mostInstructions();
  }

  // Frames

  /// Begins a function: clears its stack and gives its frame pointer.
  long enterFrame(LinkedProgram entered, int depth, int entry) {
    beginFrame(entered, depth, entry);
    mayGotos[depth] = MOST_LOOPS;
    Memory.fill(stackTop - STACK_BYTES, STACK_BYTES, (byte) 0);
    return stackTop;
  }

  void beginFrame(LinkedProgram entered, int depth, int entry) {
    if (depth - firstFrame >= MAX_FRAMES) {
      throw new Fault(
          ProgramFault.Kind.LIMIT,
          0,
          "more than %d calls inside one another (function at %d)".formatted(MAX_FRAMES, entry));
    }
    changeProgram(entered);
    stackTop = stack + (long) (depth + 1) * STACK_BYTES;
  }

  /// Whether a `may_goto` in this frame lets its loop go round once more.
  boolean mayGoOn(int depth) {
    return --mayGotos[depth] >= 0;
  }

  void saveFrame(LinkedProgram caller, int callSlot, int depth, long[] r) {
    saved.save(depth, caller, callSlot, firstFrame, r);
  }

  /// Goes back to the frame at `depth` and gives its program.
  LinkedProgram restoreFrame(int depth, long[] r) {
    saved.restore(depth, r);
    stackTop = stack + (long) (depth + 1) * STACK_BYTES;
    r[10] = stackTop;
    changeProgram(saved.program(depth));
    firstFrame = saved.firstFrame(depth);
    return program;
  }

  /// The slot of the call that [#restoreFrame] went back to.
  int returnSlot(int depth) {
    return saved.slot(depth);
  }

  long framePointer(int depth) {
    return stack + (long) (depth + 1) * STACK_BYTES;
  }

  /// The number of the frame under way, the outermost being 0.
  int frame() {
    return (int) ((stackTop - stack) / STACK_BYTES) - 1;
  }

  /// The frame in which the program under way began: where its exceptions lead.
  ///
  /// @param lowest the frame in which the engine began; below it is a helper that called back
  int firstFrame(int lowest) {
    if (firstFrame < lowest) {
      throw thrownInCallback();
    }
    return firstFrame;
  }

  /// Linux's verifier refuses such programs: what a helper has begun would stay undone, and nobody
  /// catches what the exception callback throws.
  static Fault thrownInCallback() {
    return new Fault(ProgramFault.Kind.CALL, 0, "bpf_throw cannot be called from a callback");
  }

  /// Says where the run is, before anything that may fault or look at the stack.
  public void at(int currentSlot, long framePointer) {
    slot = currentSlot;
    stackTop = framePointer;
  }

  /// Begins the own function of an unverified program, in a frame that the run has at hand for it.
  /// The function clears its stack itself as far down as it reaches without asking the run; the
  /// rest is cleared when the run is asked for it.
  ///
  /// @param reach bytes below the frame pointer; if that is the whole frame, it is cleared here
  public void enterProgram(long framePointer, int reach) {
    if (reach < STACK_BYTES) {
      leaveUnsettled(framePointer - STACK_BYTES, framePointer - reach);
    } else {
      Memory.fill(framePointer - STACK_BYTES, STACK_BYTES, (byte) 0);
    }
  }

  /// Ends the own function of an unverified program.
  public void leaveProgram(int exitSlot) {
    slot = exitSlot;
  }

  /// Begins another function of an unverified program; as [#enterProgram].
  public void enterFunction(int entry, long framePointer, int reach) {
    slot = entry;
    settle();
    beginFrame(program, (int) ((framePointer - stack) / STACK_BYTES) - 1, entry);
    enterProgram(framePointer, reach);
  }

  /// Ends another function of an unverified program.
  public void leaveFunction(int exitSlot, long framePointer) {
    at(exitSlot, framePointer);
    forgetUnsettled();
  }

  // Budget

  /// A run begins with the whole budget.
  final void grant() {
    budget = mostInstructions;
  }

  /// The instructions that the interpreter may execute before it asks again with [#refill].
  long portion() {
    return observer == null ? budget : 0;
  }

  /// The interpreter is done at an exit, and has not used these of its portion.
  void exitAt(int exitSlot, long left) {
    slot = exitSlot;
    if (observer == null) {
      budget = left;
    }
  }

  /// What the interpreter may execute when its portion is used up: from the instruction at `slot`
  /// on.
  long refill(LinkedProgram running, int next, long[] r) {
    if (observer == null) {
      throw exhausted();
    }
    if (--budget < 0) {
      throw exhausted();
    }
    observer.before(running.spec(), next, r, this);
    return 0;
  }

  /// What is left of the budget. Compiled code that was not proven keeps it to itself and says with
  /// [#budget(long)] what is left before it lets others run.
  public long budget() {
    return budget;
  }

  /// Says what is left of the budget.
  public void budget(long left) {
    budget = left;
  }

  /// The budget did not have all instructions of a block.
  ///
  /// @param count how many the block has from the slot `first` on
  /// @param left what is left after all of them, below 0
  public Fault exhausted(int first, int count, long left) {
    budget = left;
    slot = program.slotAfter(first, count + left);
    return exhausted();
  }

  /// Takes calls of a function off the budget: loops inside one another end, but not soon.
  public void charge(int callSlot, int calls) {
    budget -= calls;
    if (budget < 0) {
      slot = callSlot;
      throw exhausted();
    }
  }

  Fault exhausted() {
    return new Fault(
        ProgramFault.Kind.BUDGET,
        0,
        "the budget of %d instructions is used up".formatted(mostInstructions));
  }

  void beginCall(LinkedProgram caller, int callSlot, long left) {
    program = caller;
    slot = callSlot;
    if (observer == null) {
      budget = left;
    }
  }

  // Faults

  /// The fault with its program and source line.
  ProgramFault located(Fault fault, LinkedProgram at, int faultSlot) {
    ProgramFault located =
        new ProgramFault(
            at.spec().name(),
            fault.kind(),
            faultSlot,
            at.spec().line(faultSlot),
            fault.address(),
            String.valueOf(fault.getMessage()));
    if (fault.getCause() != null) {
      located.initCause(fault.getCause());
    }
    return located;
  }
}
