package org.ebpf4j.bench;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.Runner;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What a run costs before the program does anything: two instructions, by a runner.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EmptyRun {
  private JvmHost host;
  private Runner runner;

  /// Loads a program that returns 0.
  @Setup
  public void open() {
    Bytecode code = Assembler.assemble("r0 = 0x0\nexit\n");
    ProgramSpec program =
        new ProgramSpec(
            "empty",
            "bench",
            new ProgramKind(Optional.empty(), Optional.empty(), "", false, false),
            code,
            List.of(new ProgramFunction(0, code.size(), "empty", 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true);
    host = JvmHost.builder().memoryProgramType("bench").build();
    runner = host.load(CollectionSpec.of(program)).program("empty").runner();
  }

  @Benchmark
  public long run() {
    return runner.run();
  }

  /// Lets go of the host.
  @TearDown
  public void close() {
    runner.close();
    host.close();
  }
}
