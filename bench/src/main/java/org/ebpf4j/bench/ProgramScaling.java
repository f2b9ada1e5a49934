package org.ebpf4j.bench;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Runner;
import org.ebpf4j.net.packet.PacketBuilder;
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
import org.openjdk.jmh.infra.ThreadParams;

/// One program run by several threads, each with a runner and packets of a flow of its own:
/// counters in per-CPU arrays, a hash that all share, a map in a map, calls of helpers, and one
/// counter that all add to. Beside it, what [PlainCounting] does shows how far plain Java with
/// private arrays scales here.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProgramScaling {
  /// A program of `bench/programs`.
  public enum Measured {
    EMPTY,
    PARSER,
    FLOWS,
    FLOWS_UPDATE,
    NESTED,
    HELPERS,
    SHARED_COUNTER
  }

  @Param public Measured program = Measured.EMPTY;

  private JvmHost host;
  private BpfProgram loaded;

  /// Loads the program.
  @Setup
  public void open() {
    String name = program.name().toLowerCase(Locale.ROOT);
    Path home = Path.of(System.getProperty("ebpf4j.home", ""));
    host = JvmHost.builder().engine(Engine.JIT).build();
    loaded =
        host.load(
                CollectionReader.read(
                    home.resolve("bench").resolve("programs").resolve(name + ".bpf.o")))
            .programs()
            .values()
            .iterator()
            .next();
  }

  /// A thread's runner.
  @State(Scope.Thread)
  public static class Caller {
    private Runner runner;

    /// Fills in the packet.
    @Setup
    public void open(ProgramScaling scaling, ThreadParams threads) {
      byte[] packet =
          PacketBuilder.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02")
              .ipv4("192.0.2.1", "198.51.100.1")
              .udp(40_000 + threads.getThreadIndex(), 53)
              .payload(new byte[64])
              .build();
      runner = scaling.loaded.runner();
      runner.packetBuffer(packet.length).asByteBuffer().put(packet);
    }

    @TearDown
    public void close() {
      runner.close();
    }
  }

  @Benchmark
  public long run(Caller caller) {
    return caller.runner.run();
  }

  /// Lets go of the host.
  @TearDown
  public void close() {
    host.close();
  }
}
