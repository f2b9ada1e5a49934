package org.ebpf4j.runtime.internal.host;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.runtime.internal.run.ProgramContext;

/// Runs a program with a context of its own.
final class JvmRunner implements Runner {
  private final JvmProgram program;
  private final ProgramContext context;
  private final int preferredCpu;
  private final AtomicBoolean closed = new AtomicBoolean();

  JvmRunner(JvmProgram program, ProgramContext context) {
    this.program = program;
    this.context = context;
    this.preferredCpu = program.host().runs().assign();
  }

  @Override
  public MemorySegment packetBuffer(int length) {
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
    return program.execute(context, this, preferredCpu);
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
    }
  }
}
