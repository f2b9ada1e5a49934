package org.ebpf4j.runtime.internal.host;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.jspecify.annotations.Nullable;

/// Runs a program with a context of its own.
final class JvmRunner implements Runner {
  private static final VarHandle USER;
  private static final VarHandle CLOSED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      USER = lookup.findVarHandle(JvmRunner.class, "user", Thread.class);
      CLOSED = lookup.findVarHandle(JvmRunner.class, "closed", boolean.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final JvmProgram program;
  private final ProgramContext context;
  private final Seat seat;
  private volatile boolean closed;

  /// The thread that it belongs to, once one has used it: two would move the packet under each
  /// other.
  private @Nullable Thread user;

  JvmRunner(JvmProgram program, ProgramContext context) {
    this.program = program;
    this.context = context;
    this.seat = program.host().runs().seat();
  }

  @Override
  public MemorySegment packetBuffer(int length) {
    checkUser();
    checkOpen();
    return context.packetBuffer(program.name(), length);
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
    checkUser();
    return program.execute(context, this, seat);
  }

  /// The first thread that comes is the user.
  private void checkUser() {
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
    if (closed) {
      throw new IllegalStateException("this runner of program " + program.name() + " is closed");
    }
  }

  @Override
  public void close() {
    if (CLOSED.compareAndSet(this, false, true)) {
      if (user == Thread.currentThread()) {
        program.host().runs().leave(seat);
      }
      program.host().epochs().retire(context::close, 0);
      program.host().epochs().reclaim();
    }
  }
}
