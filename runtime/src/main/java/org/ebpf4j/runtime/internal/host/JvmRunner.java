package org.ebpf4j.runtime.internal.host;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.runtime.internal.context.IteratorContext;
import org.ebpf4j.runtime.internal.context.TraceContext;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.verifier.Facts;
import org.jspecify.annotations.Nullable;

/// Runs a program with a context of its own.
final class JvmRunner implements Runner {
  private static final VarHandle USER;
  private static final VarHandle CLOSED;
  private static final VarHandle RUNS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      USER = lookup.findVarHandle(JvmRunner.class, "user", Thread.class);
      CLOSED = lookup.findVarHandle(JvmRunner.class, "closed", boolean.class);
      RUNS = lookup.findVarHandle(JvmRunner.class, "runs", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final JvmProgram program;
  private final ProgramContext context;
  private final boolean ofUser;
  private final Seat seat;
  private final HostTimers timers;

  @SuppressWarnings("unused") // by CLOSED
  private volatile boolean closed;

  /// Whether nothing runs any more: it or its program is closed.
  private volatile boolean ended;

  /// Code that leaves nothing behind, while the context is in order for it: nobody has touched it
  /// since it was.
  private @Nullable CompiledProgram ready;

  /// Whether the caller has the struct, and may write to it at any time.
  private boolean exposed;

  /// The thread that it belongs to, once one has used it: two would move the packet under each
  /// other.
  private @Nullable Thread user;

  private long runs;

  /// @param ofUser whether a user has it, who touches the context by segments alone
  JvmRunner(JvmProgram program, ProgramContext context, boolean ofUser) {
    this.program = program;
    this.context = context;
    this.ofUser = ofUser;
    this.seat = program.host().runs().seat();
    this.timers = program.host().runs().timers();
    if (context instanceof TraceContext trace) {
      program.facts().flatMap(Facts::hookResult).ifPresent(trace::expect);
    }
  }

  @Override
  public MemorySegment packetBuffer(int length) {
    checkUser();
    checkOpen();
    ready = null;
    return context.packetBuffer(program.name(), length);
  }

  @Override
  public MemorySegment packet() {
    checkOpen();
    return context.packet();
  }

  @Override
  public MemorySegment context() {
    checkUser();
    checkOpen();
    exposed = true;
    ready = null;
    return context.struct();
  }

  @Override
  public long run() {
    StackReserve.requireFor(this);
    CpuLease lease = Runs.enterLeased(seat);
    if (lease == null) {
      return program.execute(context, this, seat);
    }
    try {
      // Looked at inside the epoch: memory of what is open now stays until the run is over.
      checkOpen();
      return runLeased(lease);
    } finally {
      lease.exit();
      timers.fireDue();
    }
  }

  /// What most runs do is written out here and in [#run], and the rest is called: where HotSpot saw
  /// the rest far more often at first, it still has nothing to call for most runs but the code.
  private long runLeased(CpuLease lease) {
    try {
      CheckedRun run = lease.outermost();
      CompiledProgram plain = ready;
      return program.result(
          plain != null && run != null && run.isTurnedTo(context)
              ? run.runPlain(plain, context)
              : program.run(context, this, lease));
    } finally {
      countRun();
    }
  }

  /// The first thread that comes is the user.
  void checkUser() {
    Thread self = Thread.currentThread();
    if (user != self && !USER.compareAndSet(this, (Thread) null, self)) {
      throw new IllegalStateException(
          "this runner of program %s belongs to another thread: take one for each thread"
              .formatted(program.name()));
    }
  }

  /// The thread that took it from the pool uses it from now on.
  void handOver() {
    Thread self = Thread.currentThread();
    if (user != self) {
      user = self;
      seat.vacate();
    }
  }

  /// The context of an iterator's program.
  IteratorContext iteratorContext() {
    return (IteratorContext) context;
  }

  /// One run with a context that was changed.
  long runAnew() {
    ready = null;
    return run();
  }

  RunResult run(RunInput input) {
    long result = 0;
    long nanoseconds = 0;
    program.requireContext(context, input);
    for (int i = 0; i < input.repeat(); i++) {
      checkOpen();
      ready = null;
      context.accept(program.name(), input);
      long start = System.nanoTime();
      result = run();
      nanoseconds += System.nanoTime() - start;
    }
    return new RunResult(
        result,
        context.packet().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
        context.struct().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
        context.redirect(),
        nanoseconds / input.repeat());
  }

  /// By the user.
  void countRun() {
    RUNS.setOpaque(this, runs + 1);
  }

  /// How many runs have ended; any thread may ask.
  long runs() {
    return (long) RUNS.getOpaque(this);
  }

  @Override
  public Redirect redirect() {
    checkOpen();
    return context.redirect();
  }

  /// By the user, in a run that leaves the context in order.
  void prepare(CompiledProgram plain) {
    if (ready == null) {
      context.begin();
      ready = exposed || !context.isSteady() ? null : plain;
    }
  }

  /// By the user, in a run that may do anything.
  void prepareAnew() {
    ready = null;
    context.begin();
  }

  void checkOpen() {
    if (ended) {
      program.checkOpen();
      throw new IllegalStateException("this runner of program " + program.name() + " is closed");
    }
  }

  /// The program is closed. A user's runner is closed with it; others are by who is at work with
  /// them.
  void end() {
    ended = true;
    if (ofUser) {
      close();
    }
  }

  @Override
  public void close() {
    if (CLOSED.compareAndSet(this, false, true)) {
      ended = true;
      if (user == Thread.currentThread()) {
        program.host().runs().leave(seat);
      }
      program.forget(this);
      Budget memory = program.host().budget();
      program.host().epochs().retire(() -> memory.close(context::close), 0);
      program.host().epochs().reclaim();
    }
  }
}
