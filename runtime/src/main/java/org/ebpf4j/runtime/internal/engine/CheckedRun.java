package org.ebpf4j.runtime.internal.engine;

import java.util.Arrays;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.map.ProgramArray;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.TailCallTarget;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.runtime.internal.run.RunResources;
import org.ebpf4j.runtime.internal.run.Thrown;
import org.jspecify.annotations.Nullable;

/// A run of a program, in whatever engine: the calls that it makes, the tail calls that it follows,
/// and what compiled code asks of it.
public final class CheckedRun extends FramedRun {
  /// What compiled code carries from one method of a function to the next: the registers by number
  /// but the frame pointer, then the rounds of `may_goto`.
  public static final int CARRIED = 11;

  private final ArgumentChecker checker = new ArgumentChecker(this);
  private final Interpreter interpreter = new Interpreter(this);

  /// `R1` to `R5` of a checked call.
  private final long[] arguments = new long[6];

  /// What functions of unverified compiled programs leave each other: `R0` and `R6` to `R9` on the
  /// way in, `R1` to `R5` on the way out.
  private final long[] passed = new long[10];

  private final long[] carried = new long[CARRIED];

  /// The compiled code under way; `null` in the interpreter.
  private @Nullable CompiledProgram code;

  /// Whether compiled code has made a tail call, to be followed when the code has returned.
  private boolean goesOn;

  /// Where the last tail call of compiled code led, which is often where the next one leads.
  private LinkedProgram next;

  /// Where the last tail call between compiled programs led: to ask it for its code again would
  /// take longer than the call.
  private @Nullable TailCallTarget known;

  private LinkedProgram knownProgram;
  private CompiledProgram knownCode = CompiledProgram.NOTHING;

  private int tailCalls;

  /// A run for one program after another on a virtual CPU, idle until [#run].
  public CheckedRun(
      int cpu, HostServices services, LinkedProgram first, ProgramContext firstContext) {
    super(cpu, services, first, firstContext);
    this.next = first;
    this.knownProgram = first;
  }

  /// Runs a program to its end and gives `R0`.
  ///
  /// @throws ProgramFault if it does what it may not; what it held is released then
  public long run(LinkedProgram entered, ProgramContext given) {
    return run(entered, given, 0, given.address(), given.second(), 0);
  }

  /// Runs a program for which nothing has to be set up or taken away, on what the run was
  /// [#turnTo]. No run may be under way.
  ///
  /// @param plain [Execution#plain] of the program
  /// @throws ProgramFault if it does what it may not
  public long runPlain(CompiledProgram plain, ProgramContext given) {
    if (plain.counts()) {
      grant();
    }
    try {
      return plain.begin(this, given.address(), given.second(), stack + STACK_BYTES);
    } catch (Fault fault) {
      throw located(fault, program, slot);
    }
  }

  /// Runs a function of a program as the callback of a map's element; see [#run].
  ///
  /// @param function the handle that the program gave
  /// @param map a map that the callback may touch, whether or not it is the program's own
  public long callBack(
      LinkedProgram entered,
      ProgramContext given,
      long function,
      RuntimeMap map,
      long key,
      long value) {
    resources().remember(map);
    long handle = Handles.map(map.id());
    int entry = Handles.functionSlot(function);
    return run(entered, given, entry, handle, key, value);
  }

  private long run(LinkedProgram entered, ProgramContext given, int entry, long a, long b, long c) {
    begin(entered, given);
    tailCalls = 0;
    firstFrame = 0;
    grant();
    try {
      long result = start(entered, entry, a, b, c);
      checkNothingHeld();
      return result;
    } finally {
      endAccesses();
      resources().releaseAll(this);
    }
  }

  /// Runs a function in the lowest frame, by the engine that the program has now, and the programs
  /// that tail calls lead to.
  private long start(LinkedProgram entered, int entry, long a, long b, long c) {
    goesOn = false;
    try {
      long result = runBody(entered, entry, a, b, c, 0);
      return goesOn ? follow(0) : result;
    } catch (Fault fault) {
      throw located(fault, program, slot);
    }
  }

  /// The interpreter goes on in another program after a tail call.
  void goOnIn(LinkedProgram other) {
    changeProgram(other);
  }

  /// Runs the program that a tail call leads to, and so on until one of them ends without.
  ///
  /// @param depth the frame that they all use in turn
  private long follow(int depth) {
    long address = context.address();
    long result;
    do {
      goesOn = false;
      LinkedProgram to = next;
      changeProgram(to);
      CompiledProgram compiled = to.execution().compiled();
      if (compiled != null) {
        prepare(compiled);
        result = compiled.begin(this, address, 0, framePointer(depth));
      } else {
        result = runBody(to, 0, address, 0, 0, depth);
      }
    } while (goesOn);
    return result;
  }

  /// Runs a function by the engine that its program has now, up to a tail call or the end.
  private long runBody(LinkedProgram entered, int entry, long a, long b, long c, int depth) {
    CompiledProgram compiled = entered.execution().compiled();
    if (compiled != null) {
      if (entry == 0 && c == 0) {
        // Fewer arguments than a call of any function has.
        prepare(compiled);
        return compiled.begin(this, a, b, framePointer(depth));
      }
      return enter(compiled, entry, a, b, c, 0, 0, framePointer(depth));
    }
    Trial trial = entered.execution().trial();
    return trial != null
        ? tryOut(trial, entered, entry, a, b, c, depth)
        : interpret(entered, entry, a, b, c, depth);
  }

  private long interpret(LinkedProgram entered, int entry, long a, long b, long c, int depth) {
    code = null;
    long before = budget();
    long result = interpreter.execute(entered, entry, depth, a, b, c, 0, 0);
    entered.execution().interpreted(before - budget());
    return result;
  }

  /// One run in a trial of compiled code, by one engine or the other.
  private long tryOut(
      Trial trial, LinkedProgram entered, int entry, long a, long b, long c, int depth) {
    boolean codesTurn = trial.isCodesTurn();
    long start = System.nanoTime();
    long result =
        codesTurn
            ? enter(trial.code(), entry, a, b, c, 0, 0, framePointer(depth))
            : interpret(entered, entry, a, b, c, depth);
    long nanos = System.nanoTime() - start;
    if (!codesTurn) {
      trial.interpreted(nanos);
      trial.warmUp();
    } else if (trial.compiled(nanos)) {
      entered.execution().adopt(entered, trial);
    }
    return result;
  }

  private long enter(
      CompiledProgram compiled,
      int entry,
      long a,
      long b,
      long c,
      long d,
      long e,
      long framePointer) {
    prepare(compiled);
    return compiled.run(this, entry, a, b, c, d, e, framePointer);
  }

  /// Before compiled code is entered.
  private void prepare(CompiledProgram compiled) {
    if (compiled.passesRegisters()) {
      Arrays.fill(passed, 0);
    }
    if (code != compiled) {
      code = compiled;
    }
  }

  private void checkNothingHeld() {
    if (resources().heldCount() > 0) {
      Held held = resources().held(resources().heldCount() - 1);
      Fault fault =
          new Fault(
              ProgramFault.Kind.LEAK,
              held.address(),
              "the program ended and still held what it took at 0x%x".formatted(held.address()));
      throw located(fault, program, slot);
    }
  }

  // Calls

  long callHelper(Callee callee, long[] r) {
    checker.check(callee, r);
    int count = callee.registers();
    return callee
        .body()
        .call(
            this,
            count > 0 ? r[1] : 0,
            count > 1 ? r[2] : 0,
            count > 2 ? r[3] : 0,
            count > 3 ? r[4] : 0,
            count > 4 ? r[5] : 0);
  }

  /// The program to go on with, or `null` to fall through: an index without a program, or too many
  /// tail calls (`bpf_tail_call` in bpf-helpers(7)).
  @Nullable LinkedProgram tailCall(long first, long map, long index) {
    if (first != context.address()) {
      throw new Fault(ProgramFault.Kind.CALL, first, "bpf_tail_call#12: R1 is not the context");
    }
    if (!(findMap(map) instanceof ProgramArray programs)) {
      throw new Fault(
          ProgramFault.Kind.CALL, map, "bpf_tail_call#12: R2 is no program array of this program");
    }
    if (tailCalls >= MAX_TAIL_CALLS) {
      return null;
    }
    if (!(programs.program((int) index) instanceof LinkedProgram.Holder target)) {
      return null;
    }
    tailCalls++;
    firstFrame = frame();
    return target.linked();
  }

  @Override
  public long call(long function, long a, long b, long c, long d, long e) {
    LinkedProgram caller = program;
    int callSlot = slot;
    int first = firstFrame;
    long top = stackTop;
    int entry = Handles.functionSlot(function);
    CompiledProgram compiled = code;
    long result;
    try {
      result =
          compiled != null
              ? enter(compiled, entry, a, b, c, d, e, top + STACK_BYTES)
              : interpreter.execute(caller, entry, frame() + 1, a, b, c, d, e);
    } catch (Thrown thrown) {
      throw thrownInCallback();
    }
    code = compiled;
    changeProgram(caller);
    slot = callSlot;
    firstFrame = first;
    stackTop = top;
    return result;
  }

  // What compiled code calls, besides the accesses above

  /// Room for what compiled code carries from one method of a function to the next.
  public long[] carried() {
    return carried;
  }

  /// The registers that a function of an unverified program finds and leaves besides its arguments
  /// and its result, by number.
  public long[] passed() {
    return passed;
  }

  /// Checks the arguments of a call.
  public void check(Callee callee, long a, long b, long c, long d, long e) {
    arguments[1] = a;
    arguments[2] = b;
    arguments[3] = c;
    arguments[4] = d;
    arguments[5] = e;
    checker.check(callee, arguments);
  }

  /// Looks up what a handle stands for that is known only now, by a key in the frame of the
  /// function under way.
  ///
  /// @param callee the helper, for keys that are longer than what is left of the frame
  public long lookup(Callee callee, long handle, long key) {
    RuntimeMap map = findMap(handle);
    if (map == null || key > stackTop - map.spec().keySize()) {
      check(callee, handle, key, 0, 0, 0);
      throw new IllegalStateException("a key beyond the frame was taken");
    }
    if (map.fields().haveLock()) {
      check(callee, handle, key, 0, 0, 0);
    }
    long found = map.lookup(key, cpu());
    if (found == 0) {
      return 0;
    }
    RuntimeMap inner = map.inner(found);
    if (inner != null) {
      resources().rememberOnce(inner);
    } else if (map != context.shownMap()) {
      expect(map);
    }
    return found;
  }

  /// Lets the run touch an inner map that it has just found, and gives its handle.
  ///
  /// @param inner what [RuntimeMap#lookupInner] gave
  public long found(@Nullable RuntimeMap inner) {
    if (inner == null) {
      return 0;
    }
    resources().rememberOnce(inner);
    return Handles.map(inner.id());
  }

  /// The inner map that a handle stands for: one that this run has [#found].
  ///
  /// @param callee the helper that wants it, for 0 instead of a handle
  public RuntimeMap innerMap(Callee callee, long handle, long key) {
    RunResources resources = resources();
    for (int i = resources.regionCount() - 1; i >= 0; i--) {
      if (resources.region(i) instanceof RuntimeMap map && Handles.map(map.id()) == handle) {
        if (map.fields().haveLock()) {
          check(callee, handle, key, 0, 0, 0);
        }
        return map;
      }
    }
    check(callee, handle, key, 0, 0, 0);
    throw new IllegalStateException("a map that was not found was taken");
  }

  /// Makes a tail call of compiled code that was not proven; see [#tailCall(long, long, long)].
  ///
  /// @return whether the function under way has to return now: the other program is run then
  public boolean tailCall(
      long map, long index, long contextRegister, long framePointer, int callSlot) {
    at(callSlot, framePointer);
    LinkedProgram to = tailCall(contextRegister, map, index);
    return to != null && goOn(to);
  }

  /// Makes a tail call of the outermost function of proven code, through an array that it always
  /// uses there.
  ///
  /// @return what the function has to begin, in its own frame, and to return the result of; `null`
  ///   if it goes on
  public @Nullable CompiledProgram next(ProgramArray programs, long index) {
    TailCallTarget target = programs.program((int) index);
    if (target == null || tailCalls >= MAX_TAIL_CALLS) {
      return null;
    }
    if (target != known && !learn(target)) {
      return CompiledProgram.NOTHING;
    }
    tailCalls++;
    changeProgram(knownProgram);
    if (code != knownCode) {
      code = knownCode;
    }
    return knownCode;
  }

  /// Remembers a target of tail calls with its code, or goes on in it without.
  private boolean learn(TailCallTarget target) {
    LinkedProgram to = ((LinkedProgram.Holder) target).linked();
    CompiledProgram compiled = to.execution().compiled();
    if (compiled == null || compiled.passesRegisters()) {
      tailCalls++;
      goOn(to);
      return false;
    }
    known = target;
    knownProgram = to;
    knownCode = compiled;
    return true;
  }

  /// Makes a tail call of a subprogram of proven code, through an array that it always uses there.
  ///
  /// @return whether the subprogram has to [#enterNext]
  public boolean tailCall(ProgramArray programs, long index) {
    if (tailCalls >= MAX_TAIL_CALLS
        || !(programs.program((int) index) instanceof LinkedProgram.Holder target)) {
      return false;
    }
    tailCalls++;
    return goOn(target.linked());
  }

  private boolean goOn(LinkedProgram to) {
    if (next != to) {
      next = to;
    }
    goesOn = true;
    forgetUnsettled();
    return true;
  }

  /// Runs the program that a tail call of a subprogram led to, in the subprogram's frame: its
  /// result is the subprogram's.
  public long enterNext(int callSlot, long framePointer) {
    at(callSlot, framePointer);
    LinkedProgram caller = program;
    CompiledProgram compiled = code;
    int first = firstFrame;
    firstFrame = frame();
    long result = follow(firstFrame);
    forgetUnsettled();
    code = compiled;
    changeProgram(caller);
    firstFrame = first;
    stackTop = framePointer;
    return result;
  }

  /// A callback, that for exceptions included, has thrown.
  public Fault callbackThrew() {
    return thrownInCallback();
  }

  /// An instruction that cannot run.
  public Fault trap(int reason) {
    return new Fault(ProgramFault.Kind.INSTRUCTION, 0, program.traps()[reason]);
  }
}
