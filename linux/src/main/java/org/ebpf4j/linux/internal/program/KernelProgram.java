package org.ebpf4j.linux.internal.program;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.linux.ProgramInfo;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.object.Pins;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;

/// A program in the kernel, held by a file descriptor.
public final class KernelProgram implements LinuxProgram, OpenObjects.Owned {
  /// Room for a context where the type has no fixed one: `struct bpf_sk_lookup`, the 12 arguments
  /// of a tracepoint, what an application passes to a syscall program.
  private static final int RUNNER_CONTEXT_BYTES = 96;

  private final Descriptor descriptor;
  private final ProgramSpec spec;
  private final OpenObjects owner;

  /// @param descriptor the program, taken over
  /// @param owner is told when it is closed
  public KernelProgram(Descriptor descriptor, ProgramSpec spec, OpenObjects owner) {
    this.descriptor = descriptor;
    this.spec = spec;
    this.owner = owner;
  }

  /// Who closes it, and what belongs to it.
  public OpenObjects owner() {
    return owner;
  }

  /// The program's descriptor, for what belongs to this host.
  public Descriptor descriptor() {
    return descriptor;
  }

  @Override
  public ProgramSpec spec() {
    return spec;
  }

  @Override
  public int id() {
    return info().id();
  }

  @Override
  public ProgramInfo info() {
    return Infos.program(descriptor);
  }

  @Override
  public void pin(Path path) {
    Pins.pin(descriptor, "program " + name(), path);
  }

  @Override
  public Bytecode translated() {
    return TranslatedCode.code(descriptor);
  }

  @Override
  public List<ProgramFunction> functions() {
    return TranslatedCode.functions(descriptor);
  }

  @Override
  public List<SourceLine> lines() {
    return TranslatedCode.lines(descriptor);
  }

  @Override
  public Map<Integer, String> callees() {
    return TranslatedCode.callees(translated());
  }

  @Override
  public byte[] nativeCode() {
    return Infos.nativeCode(descriptor);
  }

  @Override
  public RunResult run(RunInput input) {
    try (TestRun run = new TestRun(this, input.context().length, Arena::ofConfined)) {
      return run.run(input);
    }
  }

  @Override
  public InputStream iterate(IteratorTarget target) {
    checkOpen();
    return KernelIterator.open(this, target);
  }

  @Override
  public void runLive(byte[] packet, int count) {
    LiveFrames.send(this, packet, count);
  }

  @Override
  public Runner runner() {
    checkOpen();
    boolean fixed = spec.kind().type().filter(type -> TestRunShape.of(type).packet()).isPresent();
    return new KernelRunner(this, fixed ? 0 : RUNNER_CONTEXT_BYTES);
  }

  private void checkOpen() {
    if (descriptor.closed()) {
      throw new IllegalStateException("program " + name() + " is closed");
    }
  }

  @Override
  public Statistics statistics() {
    ProgramInfo info = info();
    return new Statistics(info.runs(), info.runTime().toNanos(), info.misses());
  }

  @Override
  public void close() {
    owner.remove(this);
    descriptor.close();
  }

  @Override
  public String toString() {
    return "program " + name();
  }
}
