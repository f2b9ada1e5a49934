package org.ebpf4j.runtime.internal.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.ProgramArray;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.RunResources;
import org.ebpf4j.runtime.internal.run.StepObserver;
import org.ebpf4j.runtime.internal.run.Thrown;
import org.jspecify.annotations.Nullable;

/// A run whose every access is checked. It owns the stack and the frames, and knows what the
/// program may touch.
///
/// The stack has frames of 512 bytes, the outermost lowest, 8 for each program of a chain of tail
/// calls; each is cleared when a function begins, so that nothing of an earlier run is seen.
public final class CheckedRun extends Run {
  /// `MAX_CALL_FRAMES` in Linux 6.18's `include/linux/bpf_verifier.h`.
  static final int MAX_FRAMES = 8;

  /// `MAX_BPF_STACK` in Linux 6.18's `include/linux/filter.h`.
  static final int STACK_BYTES = 512;

  /// `MAX_TAIL_CALL_CNT` in Linux 6.18's `include/linux/bpf.h`.
  private static final int MAX_TAIL_CALLS = 33;

  /// Frames of one run: a tail call leaves the frames below its own in place, and the program that
  /// it enters has 8 of its own.
  private static final int ALL_FRAMES = MAX_FRAMES * (MAX_TAIL_CALLS + 1);

  /// How often the loops of one call that `may_goto` closes go round: `BPF_MAX_LOOPS` in Linux
  /// 6.18's `include/linux/bpf.h`.
  private static final int MAY_GOTO_LIMIT = 8 << 20;

  /// How far from a stray address a region is looked for, to explain the fault.
  private static final int NEAR = 4096;

  private final Arena arena;
  private final long stack;
  private final Region stackRegion = new StackRegion();
  private final Region mapRegion = new MapRegion();
  private final ArgumentChecker checker = new ArgumentChecker(this);
  private final Interpreter interpreter = new Interpreter(this);

  /// What the frames below the current one go back to: `R6` to `R9`, the slot and the program.
  private final long[] savedRegisters = new long[ALL_FRAMES * 4];

  /// `R1` to `R5` of a checked call.
  private final long[] arguments = new long[6];

  /// What functions of unverified compiled programs leave each other: `R0` and `R6` to `R9` on the
  /// way in, `R1` to `R5` on the way out.
  private final long[] passed = new long[10];

  private final long[] carried = new long[96];

  private final int[] mayGotos = new int[ALL_FRAMES];
  private final int[] savedFirstFrames = new int[ALL_FRAMES];
  private final int[] savedSlots = new int[ALL_FRAMES];
  private final LinkedProgram[] savedPrograms = new LinkedProgram[ALL_FRAMES];

  private LinkedProgram program;
  private ProgramContext context;

  /// The compiled code under way; `null` in the interpreter.
  private @Nullable CompiledProgram code;

  /// Where a tail call leads that compiled code has made: to be followed when the code has
  /// returned.
  private @Nullable LinkedProgram next;

  private Region last = stackRegion;

  /// One past the last byte of stack that the program may touch.
  private long stackTop;

  /// What the segments that helpers get live in: opened when a helper asks, closed with the run.
  private @Nullable Arena lent;

  /// The thread in the run, or in the last one.
  private @Nullable Thread owner;

  private boolean underWay;

  /// The frame in which the current program began, by a tail call or as the first.
  private int firstFrame;

  private int slot;
  private int tailCalls;
  private final @Nullable StepObserver observer;
  private long budget;
  private long budgetLimit;

  /// A run for one program after another on a virtual CPU, idle until [#run].
  public CheckedRun(
      int cpu, HostServices services, LinkedProgram first, ProgramContext firstContext) {
    super(cpu, services);
    this.observer = observer().orElse(null);
    this.arena = Arena.ofShared();
    this.stack = arena.allocate((long) ALL_FRAMES * STACK_BYTES, 16).address();
    this.stackTop = stack;
    this.program = first;
    this.context = firstContext;
  }

  /// Frees the stack; no run may be under way.
  public void close() {
    arena.close();
  }

  /// Runs a program to its end and gives `R0`.
  ///
  /// @param instructions how many it may execute
  /// @throws ProgramFault if it does what it may not; what it held is released then
  public long run(LinkedProgram entered, ProgramContext given, long instructions) {
    return run(entered, given, instructions, 0, given.address(), given.second(), 0);
  }

  /// Runs a program that leaves nothing behind: there is nothing to set up, and nothing to take
  /// away. No run may be under way.
  ///
  /// @param code [Execution#plain] of the program
  public long runPlain(CompiledProgram code, LinkedProgram entered, ProgramContext given) {
    // For those accesses that even proven code has checked. Storing a reference has its cost, and
    // mostly it is the same.
    if (program != entered || context != given) {
      program = entered;
      context = given;
    }
    try {
      return code.run(this, 0, given.address(), given.second(), 0, 0, 0, stack + STACK_BYTES);
    } catch (Fault fault) {
      throw located(fault, entered, slot);
    }
  }

  /// Runs a function of a program as the callback of a map's element; see [#run].
  ///
  /// @param function the handle that the program gave
  /// @param map a map that the callback may touch, whether or not it is the program's own
  public long callBack(
      LinkedProgram entered,
      ProgramContext given,
      long instructions,
      long function,
      RuntimeMap map,
      long key,
      long value) {
    resources().remember(map);
    long handle = Handles.map(map.id());
    int entry = Handles.functionSlot(function);
    return run(entered, given, instructions, entry, handle, key, value);
  }

  private long run(
      LinkedProgram entered,
      ProgramContext given,
      long instructions,
      int entry,
      long a,
      long b,
      long c) {
    begin(entered, given);
    if (last != stackRegion) {
      last = stackRegion;
    }
    Thread self = Thread.currentThread();
    if (owner != self) {
      owner = self;
    }
    underWay = true;
    tailCalls = 0;
    firstFrame = 0;
    budget = instructions;
    budgetLimit = instructions;
    try {
      long result = start(entered, entry, a, b, c);
      checkNothingHeld();
      return result;
    } finally {
      underWay = false;
      stackTop = stack;
      endLoans();
      resources().releaseAll(this);
    }
  }

  /// Mostly all is as in the last run, and to store a reference costs more than to compare it.
  private void begin(LinkedProgram entered, ProgramContext given) {
    if (program != entered) {
      program = entered;
    }
    if (context != given) {
      context = given;
    }
  }

  /// Runs a function in the lowest frame, by the engine that the program has now, and the programs
  /// that tail calls lead to.
  private long start(LinkedProgram entered, int entry, long a, long b, long c) {
    if (next != null) {
      next = null;
    }
    try {
      long result = runBody(entered, entry, a, b, c, 0);
      return next == null ? result : follow(0);
    } catch (Fault fault) {
      throw located(fault, program, slot);
    }
  }

  /// The interpreter goes on in another program after a tail call.
  void goOnIn(LinkedProgram other) {
    program = other;
  }

  /// Runs the program that a tail call leads to, and so on until one of them ends without.
  ///
  /// @param depth the frame that they all use in turn
  private long follow(int depth) {
    long result = 0;
    for (LinkedProgram to = next; to != null; to = next) {
      next = null;
      if (program != to) {
        program = to;
      }
      result = runBody(to, 0, context.address(), 0, 0, depth);
    }
    return result;
  }

  /// Runs a function by the engine that its program has now, up to a tail call or the end.
  private long runBody(LinkedProgram entered, int entry, long a, long b, long c, int depth) {
    CompiledProgram compiled = entered.execution().compiled();
    if (compiled != null) {
      return enter(compiled, entry, a, b, c, 0, 0, framePointer(depth));
    }
    Trial trial = entered.execution().trial();
    return trial != null
        ? tryOut(trial, entered, entry, a, b, c, depth)
        : interpret(entered, entry, a, b, c, depth);
  }

  private long interpret(LinkedProgram entered, int entry, long a, long b, long c, int depth) {
    code = null;
    long before = budget;
    long result = interpreter.execute(entered, entry, depth, a, b, c, 0, 0);
    entered.execution().interpreted(before - budget);
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
    if (compiled.checked()) {
      Arrays.fill(passed, 0);
    }
    if (code != compiled) {
      code = compiled;
    }
    return compiled.run(this, entry, a, b, c, d, e, framePointer);
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

  private void endLoans() {
    if (lent != null) {
      lent.close();
      lent = null;
    }
  }

  // Frames

  /// Begins a function: clears its stack and gives its frame pointer.
  long enterFrame(LinkedProgram entered, int depth, int entry) {
    if (depth - firstFrame >= MAX_FRAMES) {
      throw new Fault(
          ProgramFault.Kind.LIMIT,
          0,
          "more than %d calls inside one another (function at %d)".formatted(MAX_FRAMES, entry));
    }
    program = entered;
    mayGotos[depth] = MAY_GOTO_LIMIT;
    long base = stack + (long) depth * STACK_BYTES;
    Memory.fill(base, STACK_BYTES, (byte) 0);
    stackTop = base + STACK_BYTES;
    return stackTop;
  }

  /// Whether a `may_goto` in this frame lets its loop go round once more.
  boolean mayGoOn(int depth) {
    return --mayGotos[depth] >= 0;
  }

  void saveFrame(LinkedProgram caller, int callSlot, int depth, long[] r) {
    savedPrograms[depth] = caller;
    savedFirstFrames[depth] = firstFrame;
    savedSlots[depth] = callSlot;
    System.arraycopy(r, 6, savedRegisters, depth * 4, 4);
  }

  /// Goes back to the frame at `depth` and gives its program.
  LinkedProgram restoreFrame(int depth, long[] r) {
    System.arraycopy(savedRegisters, depth * 4, r, 6, 4);
    stackTop = stack + (long) (depth + 1) * STACK_BYTES;
    r[10] = stackTop;
    program = savedPrograms[depth];
    firstFrame = savedFirstFrames[depth];
    return program;
  }

  /// The slot of the call that [#restoreFrame] went back to.
  int returnSlot(int depth) {
    return savedSlots[depth];
  }

  // Budget

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

  // Memory

  public long load(long address, int size) {
    Region region = address >= stack && address <= stackTop - size ? stackRegion : last;
    if (region.readable(address, size)) {
      return region.load(address, size);
    }
    region = find(address, size, false);
    if (region == null) {
      throw refused("load", address, size);
    }
    last = region;
    return region.load(address, size);
  }

  public void store(long address, int size, long value) {
    Region region = address >= stack && address <= stackTop - size ? stackRegion : last;
    if (region.writable(address, size)) {
      region.store(address, size, value);
      return;
    }
    region = find(address, size, true);
    if (region == null) {
      throw refused("store", address, size);
    }
    last = region;
    region.store(address, size, value);
  }

  public long loadAcquire(long address, int size) {
    long value = load(address, size);
    VarHandle.acquireFence();
    return value;
  }

  public void storeRelease(long address, int size, long value) {
    VarHandle.releaseFence();
    store(address, size, value);
  }

  /// Atomic operations need aligned memory, of the ordinary kind or an arena's.
  ///
  /// @return where it is; 0 for a page that is not there
  private long atomicPlace(long address, int size) {
    Region region = find(address, size, true);
    if (region == null || !(region.direct() || region instanceof ArenaMap)) {
      throw refused("atomic operation", address, size);
    }
    if ((address & (size - 1)) != 0) {
      throw new Fault(
          ProgramFault.Kind.ACCESS,
          address,
          "atomic operation on %d bytes at 0x%x, which is not aligned".formatted(size, address));
    }
    return region instanceof ArenaMap arena ? arena.place(address, size) : address;
  }

  /// The bytes of a packet at an offset, in network order, or -1 outside of it (`LD_ABS`,
  /// `LD_IND`).
  public long loadPacket(int offset, int size) {
    return context.loadPacket(offset, size);
  }

  /// The region that holds all of an access, or `null`.
  @Nullable Region find(long address, int size, boolean write) {
    if (stackRegion.readable(address, size)) {
      return stackRegion;
    }
    Region region = context.find(address, size, write);
    if (region != null) {
      return region;
    }
    for (RuntimeMap map : program.maps()) {
      if (write ? map.writable(address, size) : map.readable(address, size)) {
        return map;
      }
    }
    RunResources resources = resources();
    for (int i = 0; i < resources.regionCount(); i++) {
      region = resources.region(i);
      if (write ? region.writable(address, size) : region.readable(address, size)) {
        return region;
      }
    }
    if (!write && mapRegion.readable(address, size)) {
      return mapRegion;
    }
    return object(address, size, write);
  }

  /// The object that holds all of an access, if a map of the program keeps it.
  private @Nullable Region object(long address, int size, boolean write) {
    KernelObject object = objects().at(address);
    if (object == null || !isKept(object)) {
      return null;
    }
    return (write ? object.writable(address, size) : object.readable(address, size))
        ? object
        : null;
  }

  @Override
  public boolean isKept(KernelObject object) {
    RuntimeMap keeper = object.keeper();
    for (RuntimeMap map : program.maps()) {
      if (map == keeper) {
        return true;
      }
    }
    return false;
  }

  private Fault refused(String access, long address, int size) {
    return new Fault(
        ProgramFault.Kind.ACCESS,
        address,
        "%s of %d bytes at 0x%x: %s".formatted(access, size, address, explain(address)));
  }

  /// What lies at or near an address that an access missed.
  String explain(long address) {
    if (address == 0 || Long.compareUnsigned(address, 4096) < 0) {
      return "that is a null pointer, or nearly one";
    }
    String handle = Handles.describe(address);
    if (!handle.isEmpty()) {
      return "that is " + handle;
    }
    for (int distance = 0; distance <= NEAR; distance++) {
      Region before = find(address - distance, 1, false);
      if (before != null) {
        return distance == 0
            ? "it begins in %s and leaves it, or is not allowed there".formatted(before.describe())
            : "%d bytes past the end of %s".formatted(distance, before.describe());
      }
      Region after = find(address + distance, 1, false);
      if (after != null) {
        return "%d bytes before %s".formatted(distance, after.describe());
      }
    }
    return "no region of this run is near";
  }

  @Override
  public boolean readable(long address, int size) {
    Region region = find(address, size, false);
    return region != null && region.direct();
  }

  @Override
  public @Nullable FieldHolder fieldHolder(long address) {
    return find(address, 1, false) instanceof FieldHolder holder ? holder : null;
  }

  @Override
  public LocalTypes types() {
    return program.types();
  }

  @Override
  public MemorySegment memory(long address, int size) {
    if (!underWay || owner != Thread.currentThread()) {
      throw new IllegalStateException("the helper's call is over, or this is another thread");
    }
    Region region = find(address, size, true);
    boolean writable = region != null;
    if (!writable) {
      region = find(address, size, false);
    }
    if (region == null || !region.direct()) {
      throw new IllegalArgumentException(
          "%d bytes at 0x%x: %s".formatted(size, address, explain(address)));
    }
    MemorySegment segment = Memory.segment(address, size).reinterpret(loans(), null);
    return writable ? segment : segment.asReadOnly();
  }

  private Arena loans() {
    if (lent == null) {
      lent = Arena.ofConfined();
    }
    return lent;
  }

  // Calls

  @Override
  public ProgramContext context() {
    return context;
  }

  /// The program whose function is under way.
  public LinkedProgram program() {
    return program;
  }

  long contextAddress() {
    return context.address();
  }

  void beginCall(LinkedProgram caller, int callSlot, long left) {
    program = caller;
    slot = callSlot;
    if (observer == null) {
      budget = left;
    }
  }

  long callHelper(Callee callee, long[] r) {
    checker.check(callee, r);
    return callee.body().call(this, r[1], r[2], r[3], r[4], r[5]);
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
    program = caller;
    slot = callSlot;
    firstFrame = first;
    stackTop = top;
    return result;
  }

  private long framePointer(int depth) {
    return stack + (long) (depth + 1) * STACK_BYTES;
  }

  /// The number of the frame under way, the outermost being 0.
  private int frame() {
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

  /// Linux's verifier refuses such programs: what a helper has begun would stay undone.
  private static Fault thrownInCallback() {
    return new Fault(
        ProgramFault.Kind.CALL, 0, "bpf_throw cannot be called from a callback of a helper");
  }

  boolean isFunction(long handle) {
    return program.isFunction(Handles.functionSlot(handle));
  }

  @Override
  public RuntimeMap map(long handle) {
    RuntimeMap map = findMap(handle);
    if (map == null) {
      throw new IllegalStateException("no map has the handle 0x" + Long.toHexString(handle));
    }
    return map;
  }

  /// The map that a handle stands for, if it is this program's or one that this run was given.
  @Nullable RuntimeMap findMap(long handle) {
    int id = Handles.mapId(handle);
    for (RuntimeMap map : program.maps()) {
      if (map.id() == id) {
        return map;
      }
    }
    RunResources resources = resources();
    for (int i = 0; i < resources.regionCount(); i++) {
      if (resources.region(i) instanceof RuntimeMap map && map.id() == id) {
        return map;
      }
    }
    return null;
  }

  // What compiled code calls, besides the accesses above

  /// Says where the run is, before anything that may fault or look at the stack.
  public void at(int currentSlot, long framePointer) {
    slot = currentSlot;
    stackTop = framePointer;
  }

  /// Begins a function of an unverified program: clears its stack.
  public void enterFunction(int entry, long framePointer) {
    slot = entry;
    enterFrame(program, (int) ((framePointer - stack) / STACK_BYTES) - 1, entry);
  }

  /// Room for what compiled code carries from one method of a function to the next.
  public long[] carried() {
    return carried;
  }

  /// The registers that a function of an unverified program finds and leaves besides its arguments
  /// and its result, by number.
  public long[] passed() {
    return passed;
  }

  /// Takes the instructions from a slot on off the budget.
  public void spend(int first, int count) {
    budget -= count;
    if (budget < 0) {
      slot = program.slotAfter(first, count + budget);
      throw exhausted();
    }
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
        "the budget of %d instructions is used up".formatted(budgetLimit));
  }

  /// An atomic operation, checked; gives what was there before. Where an arena has no page, nothing
  /// happens, and the register keeps what it held.
  ///
  /// @param operation the immediate that encodes it
  public long atomic(int operation, long address, int size, long value, long expected) {
    long place = atomicPlace(address, size);
    if (place == 0) {
      return operation == Atomics.CMPXCHG ? expected : value;
    }
    return size == Long.BYTES
        ? Atomics.apply64(operation, place, value, expected)
        : Atomics.apply32(operation, place, (int) value, (int) expected);
  }

  /// Calls a helper with its arguments checked.
  public long callChecked(Callee callee, long a, long b, long c, long d, long e) {
    arguments[1] = a;
    arguments[2] = b;
    arguments[3] = c;
    arguments[4] = d;
    arguments[5] = e;
    checker.check(callee, arguments);
    return callee.body().call(this, a, b, c, d, e);
  }

  /// Makes a tail call of compiled code that was not proven; see [#tailCall(long, long, long)].
  ///
  /// @return whether the function under way has to return now: [#next] is run then
  public boolean tailCall(
      long map, long index, long contextRegister, long framePointer, int callSlot) {
    at(callSlot, framePointer);
    next = tailCall(contextRegister, map, index);
    return next != null;
  }

  /// Makes a tail call of proven code, through an array that it always uses there.
  ///
  /// @return as above
  public boolean tailCall(ProgramArray programs, long index) {
    if (tailCalls >= MAX_TAIL_CALLS
        || !(programs.program((int) index) instanceof LinkedProgram.Holder target)) {
      return false;
    }
    tailCalls++;
    next = target.linked();
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
    code = compiled;
    program = caller;
    firstFrame = first;
    stackTop = framePointer;
    return result;
  }

  /// An instruction that cannot run.
  public Fault trap(int reason) {
    return new Fault(ProgramFault.Kind.INSTRUCTION, 0, program.traps()[reason]);
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

  /// The structs of the maps that the program may use.
  private final class MapRegion extends Region {
    @Override
    public String describe() {
      return "struct bpf_map";
    }

    @Override
    public boolean readable(long address, int size) {
      int id = Handles.mapAround(address);
      return id >= 0
          && findMap(Handles.map(id)) != null
          && program.types().mapStruct().has(Handles.mapOffset(address), size);
    }

    @Override
    public long load(long address, int size) {
      RuntimeMap map = map(Handles.map(Handles.mapAround(address)));
      return program.types().mapStruct().load(map, Handles.mapOffset(address));
    }

    @Override
    public boolean writable(long address, int size) {
      return false;
    }

    @Override
    public boolean direct() {
      return false;
    }
  }

  /// The frames of the stack that are in use.
  private final class StackRegion extends Region {
    @Override
    public String describe() {
      return "stack";
    }

    @Override
    public boolean readable(long address, int size) {
      return address >= stack && address <= stackTop - size;
    }

    @Override
    public boolean writable(long address, int size) {
      return readable(address, size);
    }
  }
}
