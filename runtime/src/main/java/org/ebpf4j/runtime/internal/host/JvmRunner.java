package org.ebpf4j.runtime.internal.host;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.jspecify.annotations.Nullable;

/// Runs a program with a context of its own.
final class JvmRunner implements Runner {
  private static final VarHandle USER;

  static {
    try {
      USER = MethodHandles.lookup().findVarHandle(JvmRunner.class, "user", Thread.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final JvmProgram program;
  private final ProgramContext context;
  private final int preferredCpu;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// The thread at work here: two at once would move the packet under each other.
  @SuppressWarnings("unused") // by USER
  private volatile @Nullable Thread user;

  JvmRunner(JvmProgram program, ProgramContext context) {
    this.program = program;
    this.context = context;
    this.preferredCpu = program.host().runs().assign();
  }

  @Override
  public MemorySegment packetBuffer(int length) {
    checkOpen();
    boolean first = enter();
    try {
      return context.packetBuffer(program.name(), length);
    } finally {
      leave(first);
    }
  }

  @Override
  public MemorySegment packet() {
    checkOpen();
    return context.packet();
  }

  @Override
  public MemorySegment context() {
    checkOpen();
    return context.struct();
  }

  @Override
  public long run() {
    StackReserve.require();
    boolean first = enter();
    try {
      return program.execute(context, this, preferredCpu);
    } finally {
      leave(first);
    }
  }

  /// Makes this thread the user; `false` if it is already, from further up its stack.
  private boolean enter() {
    Thread self = Thread.currentThread();
    Thread other = (Thread) USER.compareAndExchange(this, (Thread) null, self);
    if (other != null && other != self) {
      throw new IllegalStateException(
          "this runner of program %s is in use by thread %s: take one for each thread"
              .formatted(program.name(), other.getName()));
    }
    return other == null;
  }

  private void leave(boolean first) {
    if (first) {
      USER.setRelease(this, (Thread) null);
    }
  }

  RunResult run(RunInput input) {
    long result = 0;
    long nanoseconds = 0;
    for (int i = 0; i < input.repeat(); i++) {
      checkOpen();
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

  @Override
  public Redirect redirect() {
    checkOpen();
    return context.redirect();
  }

  void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("this runner of program " + program.name() + " is closed");
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      program.host().epochs().retire(context::close, 0);
      program.host().epochs().reclaim();
    }
  }
}
