package org.ebpf4j.runtime.internal.host;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.TailCallTarget;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.value.Codec;

/// A program loaded into the JVM host.
final class JvmProgram implements BpfProgram, LinkedProgram.Holder {
  /// Longs for each CPU: runs, nanoseconds, misses, and whether it is running there.
  private static final int SPACING = 16;

  private static final int RUNS = 0;
  private static final int MISSES = 1;
  private static final int RUNNING = 2;

  private final RuntimeHost host;
  private final RuntimeProgramType type;
  private final LinkedProgram linked;
  private final AtomicLongArray counters;
  private final ConcurrentLinkedQueue<JvmRunner> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger holders = new AtomicInteger(1);
  private final Set<Attachment> attachments = ConcurrentHashMap.newKeySet();
  private final int id;
  private volatile boolean closed;

  /// Takes over a hold on each of the program's maps.
  JvmProgram(RuntimeHost host, RuntimeProgramType type, LinkedProgram linked) {
    this.host = host;
    this.id = host.nextProgramId();
    this.type = type;
    this.linked = linked;
    this.counters = new AtomicLongArray(host.cpus() * SPACING);
  }

  @Override
  public ProgramSpec spec() {
    return linked.spec();
  }

  @Override
  public LinkedProgram linked() {
    return linked;
  }

  @Override
  public int id() {
    return id;
  }

  /// Linux asks for the same program type, license and kind of attachment
  /// (`__bpf_prog_map_compatible` in `kernel/bpf/core.c`).
  @Override
  public boolean sharesArrayWith(TailCallTarget other) {
    return other instanceof JvmProgram program
        && program.host == host
        && program.type.equals(type)
        && program.spec().kind().frags() == spec().kind().frags()
        && program.spec().kind().attach().equals(spec().kind().attach());
  }

  @Override
  public boolean retain() {
    return holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
  }

  /// The last holder gives back the program's maps.
  @Override
  public void release() {
    if (holders.decrementAndGet() == 0) {
      linked.releaseMaps();
    }
  }

  RuntimeHost host() {
    return host;
  }

  RuntimeProgramType type() {
    return type;
  }

  @Override
  public RunResult run(RunInput input) {
    JvmRunner runner = borrow();
    try {
      return runner.run(input);
    } finally {
      giveBack(runner);
    }
  }

  /// Runs it with a record as its context.
  <C extends Record> long fire(Codec<C> codec, C context) {
    JvmRunner runner = borrow();
    try {
      codec.encode(context, runner.context());
      return runner.run();
    } finally {
      giveBack(runner);
    }
  }

  private JvmRunner borrow() {
    JvmRunner pooled = idle.poll();
    return pooled != null ? pooled : runner();
  }

  private void giveBack(JvmRunner runner) {
    idle.add(runner);
    if (closed) {
      drain();
    }
  }

  private void drain() {
    for (JvmRunner runner = idle.poll(); runner != null; runner = idle.poll()) {
      runner.close();
    }
  }

  @Override
  public JvmRunner runner() {
    checkOpen();
    return new JvmRunner(this, type.newContext(host, spec()));
  }

  /// One run, with the context as it is; `R0`, or 0 if the program was running on this CPU already.
  ///
  /// @param runner whose context it is
  long execute(ProgramContext context, JvmRunner runner, int preferred) {
    Runs runs = host.runs();
    int ticket = runs.enter(preferred);
    int cpu = Runs.cpu(ticket);
    try {
      // Looked at inside the epoch: memory of what is open now stays until the run is over.
      runner.checkOpen();
      checkOpen();
      int base = cpu * SPACING;
      if (counters.getPlain(base + RUNNING) != 0) {
        counters.setPlain(base + MISSES, counters.getPlain(base + MISSES) + 1);
        return 0;
      }
      CheckedRun run = runs.begin(cpu, linked, context);
      try {
        counters.setPlain(base + RUNNING, 1);
        context.begin();
        long result = type.result(run.run(linked, context, host.limits().instructions()));
        check(result);
        return result;
      } finally {
        counters.setPlain(base + RUNNING, 0);
        runs.end(cpu);
        counters.setOpaque(base + RUNS, counters.getPlain(base + RUNS) + 1);
      }
    } finally {
      runs.exit(ticket);
      if (ticket >= 0) {
        runs.timers().runEnded();
      }
    }
  }

  private void check(long result) {
    if (result < type.lowest() || result > type.highest()) {
      throw new ProgramFault(
          name(),
          ProgramFault.Kind.LIMIT,
          0,
          spec().line(0),
          0,
          "it returned %d, and programs of type %s return %d to %d"
              .formatted(result, type.name(), type.lowest(), type.highest()));
    }
  }

  @Override
  public Statistics statistics() {
    long completed = 0;
    long misses = 0;
    for (int cpu = 0; cpu < host.cpus(); cpu++) {
      completed += counters.getOpaque(cpu * SPACING + RUNS);
      misses += counters.getOpaque(cpu * SPACING + MISSES);
    }
    return new Statistics(completed, 0, misses);
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("program " + name() + " is closed");
    }
  }

  /// Something that runs the program of its own accord until it is told to stop.
  interface Attachment {
    void ended(JvmProgram program);
  }

  /// Counts an attachment in, which ends with the program.
  ///
  /// @throws IllegalStateException if the program is closed
  void attached(Attachment attachment) {
    attachments.add(attachment);
    if (closed) {
      attachments.remove(attachment);
      checkOpen();
    }
  }

  void detached(Attachment attachment) {
    attachments.remove(attachment);
  }

  private void detach() {
    attachments.forEach(attachment -> attachment.ended(this));
  }

  /// Detaches it and ends its use by callers; program arrays may go on.
  void close() {
    // Before and after, so that neither who fires nor who attaches now meets a closed program.
    detach();
    closed = true;
    detach();
    drain();
    release();
  }
}
