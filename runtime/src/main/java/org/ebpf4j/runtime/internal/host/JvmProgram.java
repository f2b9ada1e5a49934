package org.ebpf4j.runtime.internal.host;

import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PlainContext;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.CompilationUnit;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.TailCallTarget;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.value.Codec;
import org.ebpf4j.verifier.Facts;

/// A program loaded into the JVM host.
public final class JvmProgram extends LinkedProgram.Holder implements BpfProgram {
  private final RuntimeHost host;
  private final Runs runs;
  private final HostTimers timers;
  private final RuntimeProgramType type;
  private final boolean narrow;
  private final boolean ranged;
  private final long lowest;
  private final long highest;
  private final LinkedProgram linked;
  private final org.ebpf4j.runtime.internal.engine.Execution engine;
  private final Optional<Facts> facts;
  private final Set<JvmRunner> runners = ConcurrentHashMap.newKeySet();

  /// Runs of runners that are closed.
  private final LongAdder earlierRuns = new LongAdder();

  private final LongAdder misses = new LongAdder();
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
    super(linked);
    this.host = host;
    this.facts = facts;
    this.id = host.nextProgramId();
    this.runs = host.runs();
    this.timers = runs.timers();
    this.type = type;
    this.narrow = type.narrow();
    this.lowest = type.lowest();
    this.highest = type.highest();
    this.ranged = lowest != Long.MIN_VALUE || highest != Long.MAX_VALUE;
    this.linked = linked;
    this.engine = linked.execution();
  }

  @Override
  public ProgramSpec spec() {
    return linked.spec();
  }

  /// Refuses a context that ends before what the program's proof takes to be there, as Linux's test
  /// runs do. Programs without proof are checked at each access.
  void requireContext(ProgramContext context, RunInput input) {
    if (facts.isPresent() && context instanceof PlainContext plain && plain.isOfCallersLength()) {
      long needed = facts.get().contextBytes();
      int given = input.context().length;
      if (given < needed) {
        throw new RunException(
            spec().name(),
            Errno.EINVAL,
            "it accesses %d bytes of its context, and is given %d".formatted(needed, given));
      }
    }
  }

  /// What holds in all of its runs, unless it is unverified.
  Optional<Facts> facts() {
    return facts;
  }

  /// The code that the compiler makes of it; see [org.ebpf4j.runtime.JvmHost#listing].
  public String listing() {
    return host.engines()
        .listing(new CompilationUnit(linked, facts, type.layout(), host.engines().memory()));
  }

  @Override
  public int id() {
    return id;
  }

  /// Linux asks for the same program type, license and kind of attachment, and at security hooks
  /// for the same arguments (`__bpf_prog_map_compatible` in `kernel/bpf/core.c`).
  @Override
  public boolean sharesArrayWith(TailCallTarget other) {
    return other instanceof JvmProgram program
        && program.host == host
        && program.type.equals(type)
        && program.spec().kind().frags() == spec().kind().frags()
        && program.spec().kind().attach().equals(spec().kind().attach())
        && sharesHookWith(program);
  }

  /// What the context of a security hook holds depends on the hook, and whether that is seen to on
  /// the program that the run begins with.
  private boolean sharesHookWith(JvmProgram program) {
    return !spec().kind().type().equals(Optional.of(ProgramType.LSM))
        || (program.spec().kind().target().equals(spec().kind().target())
            && program.facts.isPresent() == facts.isPresent());
  }

  @Override
  public boolean belongsTo(MapRegistry maps) {
    return host.maps() == maps;
  }

  @Override
  public boolean retain() {
    return !closed && holders.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
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
    JvmRunner runner = pooled != null ? pooled : newRunner(false);
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
  public Runner runner() {
    return newRunner(true);
  }

  /// A runner whose context is filled in outside of runs, and which whoever asks for it closes.
  JvmRunner iteratorRunner() {
    return newRunner(false);
  }

  private JvmRunner newRunner(boolean ofUser) {
    checkOpen();
    JvmRunner runner = new JvmRunner(this, type.newContext(host, spec()), ofUser);
    runners.add(runner);
    if (closed) {
      runner.end();
    }
    return runner;
  }

  @Override
  public InputStream iterate(IteratorTarget target) {
    return JvmIterator.open(this, target);
  }

  /// One run, with the context as it is, wherever there is a CPU; its result, or 0 if the program
  /// was running on this CPU already.
  ///
  /// @param runner whose context it is
  long execute(ProgramContext context, JvmRunner runner, Seat seat) {
    int ticket = runs.enter(seat);
    try {
      // Looked at inside the epoch: memory of what is open now stays until the run is over.
      runner.checkOpen();
      RunStack stack = runs.cpu(ticket).stack();
      if (stack.holds(linked)) {
        misses.increment();
        return 0;
      }
      return executeAnew(context, runner, stack);
    } finally {
      runs.exit(ticket, seat);
      if (ticket >= 0) {
        timers.fireDue();
      }
    }
  }

  private long executeAnew(ProgramContext context, JvmRunner runner, RunStack stack) {
    try {
      return result(run(context, runner, stack));
    } finally {
      runner.countRun();
    }
  }

  /// One run where no other is under way, with the context as it is; `R0`.
  ///
  /// @param runner whose context it is, which is open
  long run(ProgramContext context, JvmRunner runner, CpuLease lease) {
    CompiledProgram plain = engine.plain();
    CheckedRun run = lease.findOutermost();
    if (plain == null || run == null) {
      return run(context, runner, lease.cpu().stack());
    }
    runner.prepare(plain);
    run.turnTo(linked, context);
    return run.runPlain(plain, context);
  }

  private long run(ProgramContext context, JvmRunner runner, RunStack stack) {
    int depth = stack.depth();
    CheckedRun run = stack.push(linked, context);
    try {
      runner.prepareAnew();
      return run.run(linked, context);
    } finally {
      stack.pop(depth);
    }
  }

  /// What a run gives that left this in `R0`.
  long result(long r0) {
    if (narrow) {
      return (int) r0;
    }
    if (ranged && (r0 < lowest || r0 > highest)) {
      throw outOfRange(r0);
    }
    return r0;
  }

  /// Keeps what a runner has counted, for it is closed.
  void forget(JvmRunner runner) {
    if (runners.remove(runner)) {
      earlierRuns.add(runner.runs());
    }
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
    return new Execution(engine.compiled() == null ? "interpreter" : "jit", engine.note());
  }

  @Override
  public Statistics statistics() {
    long completed = earlierRuns.sum();
    for (JvmRunner runner : runners) {
      completed += runner.runs();
    }
    return new Statistics(completed, 0, misses.sum());
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
    runners.forEach(JvmRunner::end);
    detach();
    drain();
    release();
  }
}
