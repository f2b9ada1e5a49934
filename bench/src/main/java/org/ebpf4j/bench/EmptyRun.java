package org.ebpf4j.bench;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.Runner;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What a run costs before the program does anything: two instructions, by a runner.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EmptyRun {
  private static final int PACKET = 64;

  @Param({"INTERPRETER", "JIT"})
  public Engine engine = Engine.JIT;

  private JvmHost host;
  private Runner runner;

  /// Loads `bench/programs/empty.bpf.c`.
  @Setup
  public void open() {
    Path home = Path.of(System.getProperty("ebpf4j.home", ""));
    host = JvmHost.builder().engine(engine).build();
    runner =
        host.load(CollectionReader.read(home.resolve("bench/programs/empty.bpf.o")))
            .program("empty")
            .runner();
    runner.packetBuffer(PACKET);
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
