package org.ebpf4j.runtime.internal.host;

import java.util.Optional;
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
import org.ebpf4j.verifier.Facts;

/// A program loaded into the JVM host.
final class JvmProgram implements BpfProgram, LinkedProgram.Holder {
  /// Longs from one CPU's counters to the next's.
  private static final int SPACING = 16;

  private static final int RUNS = 0;
  private static final int MISSES = 1;

  private final RuntimeHost host;
  private final Runs runs;
  private final HostTimers timers;
  private final RuntimeProgramType type;
  private final boolean narrow;
  private final long lowest;
  private final long highest;
  private final long instructions;
  private final LinkedProgram linked;
  private final Optional<Facts> facts;
  private final AtomicLongArray counters;
  private final ConcurrentLinkedQueue<JvmRunner> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger holders = new AtomicInteger(1);
  private final Set<Attachment> attachments = ConcurrentHashMap.newKeySet();
  private final int id;
  private volatile boolean closed;

  /// Takes over a hold on each of the program's maps.
  ///
  /// @param facts what holds in all of its runs, unless it is unverified
  JvmProgram(
      RuntimeHost host, RuntimeProgramType type, LinkedProgram linked, Optional<Facts> facts) {
    this.host = host;
    this.facts = facts;
    this.id = host.nextProgramId();
    this.runs = host.runs();
    this.timers = runs.timers();
    this.type = type;
    this.narrow = type.narrow();
    this.lowest = type.lowest();
    this.highest = type.highest();
    this.instructions = host.limits().instructions();
    this.linked = linked;
    this.counters = new AtomicLongArray((host.cpus() + 1) * SPACING);
  }

  @Override
  public ProgramSpec spec() {
    return linked.spec();
  }

  /// What holds in all of its runs, unless it is unverified.
  Optional<Facts> facts() {
    return facts;
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
    JvmRunner runner = pooled != null ? pooled : runner();
    runner.handOver();
    return runner;
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
  long execute(ProgramContext context, JvmRunner runner, Seat seat) {
    CpuLease lease = Runs.enterLeased(seat);
    if (lease == null) {
      return executeAnywhere(context, runner, seat);
    }
    try {
      return execute(context, runner, lease.cpu());
    } finally {
      lease.exit();
      timers.runEnded();
    }
  }

  private long executeAnywhere(ProgramContext context, JvmRunner runner, Seat seat) {
    int ticket = runs.enter(seat);
    try {
      return execute(context, runner, runs.cpu(ticket));
    } finally {
      runs.exit(ticket, seat);
      if (ticket >= 0) {
        timers.runEnded();
      }
    }
  }

  private long execute(ProgramContext context, JvmRunner runner, VirtualCpu cpu) {
    // Looked at inside the epoch: memory of what is open now stays until the run is over.
    runner.checkOpen();
    checkOpen();
    RunStack stack = cpu.stack();
    if (stack.holds(linked)) {
      count(cpu, MISSES);
      return 0;
    }
    CheckedRun run = stack.push(linked, context);
    try {
      context.begin();
      return result(run.run(linked, context, instructions));
    } finally {
      stack.pop();
      count(cpu, RUNS);
    }
  }

  private long result(long r0) {
    if (narrow) {
      return (int) r0;
    }
    if (r0 < lowest || r0 > highest) {
      throw outOfRange(r0);
    }
    return r0;
  }

  /// Counts for a CPU that this thread owns.
  private void count(VirtualCpu cpu, int counter) {
    int at = (cpu.number() + 1) * SPACING + counter;
    counters.setOpaque(at, counters.getPlain(at) + 1);
  }

  private ProgramFault outOfRange(long result) {
    return new ProgramFault(
        name(),
        ProgramFault.Kind.LIMIT,
        0,
        spec().line(0),
        0,
        "it returned %d, and programs of type %s return %d to %d"
            .formatted(result, type.name(), lowest, highest));
  }

  @Override
  public Execution execution() {
    return new Execution(
        linked.execution().compiled() == null ? "interpreter" : "jit", linked.execution().note());
  }

  @Override
  public Statistics statistics() {
    long completed = 0;
    long misses = 0;
    for (int cpu = 0; cpu < host.cpus(); cpu++) {
      completed += counters.getOpaque((cpu + 1) * SPACING + RUNS);
      misses += counters.getOpaque((cpu + 1) * SPACING + MISSES);
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
