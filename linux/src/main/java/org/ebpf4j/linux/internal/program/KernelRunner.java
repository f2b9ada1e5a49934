package org.ebpf4j.linux.internal.program;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.ebpf4j.Redirect;
import org.ebpf4j.Runner;
import org.jspecify.annotations.Nullable;

/// A test run that a caller keeps. Its memory is the garbage collector's to free: another thread
/// may close it while Linux writes there.
final class KernelRunner implements Runner {
  private final KernelProgram program;
  private final TestRun run;
  private final AtomicReference<@Nullable Thread> user = new AtomicReference<>();
  private volatile boolean closed;

  KernelRunner(KernelProgram program, int contextBytes) {
    this.program = program;
    this.run = new TestRun(program, contextBytes, Arena::ofAuto);
  }

  @Override
  public MemorySegment packetBuffer(int length) {
    checkUser();
    return run.packetBuffer(length);
  }

  @Override
  public MemorySegment packet() {
    checkOpen();
    return run.packet();
  }

  @Override
  public MemorySegment context() {
    checkUser();
    return run.context();
  }

  @Override
  public long run() {
    checkUser();
    return run.run();
  }

  @Override
  public Redirect redirect() {
    checkOpen();
    return new Redirect.None();
  }

  /// The first thread that comes is the user.
  private void checkUser() {
    checkOpen();
    Thread self = Thread.currentThread();
    if (user.get() != self && !user.compareAndSet(null, self)) {
      throw new IllegalStateException(
          "this runner of program %s belongs to another thread: take one for each thread"
              .formatted(program.name()));
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this runner of program " + program.name() + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
