package org.ebpf4j.cli.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.cli.option.EngineKind;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.spec.CollectionSpec;

/// A program loaded to be measured, on a host of its own. On the JVM host a run is one of a
/// [Runner]; on Linux the kernel runs and takes the time itself.
final class BenchSubject implements AutoCloseable {
  private final BenchSetting setting;
  private final Host host;
  private final BpfProgram program;
  private final Optional<Runner> runner;
  private final List<EventReader> readers = new ArrayList<>();
  private final Arena arena = Arena.ofConfined();
  private final List<byte[]> inputs = new ArrayList<>();
  private final List<MemorySegment> packets = new ArrayList<>();
  private final long loadNanos;
  private long results;

  /// Loads the program.
  ///
  /// @param packets what it is run on; empty for programs that take none
  BenchSubject(
      BenchSetting setting,
      Supplier<Host> hosts,
      CollectionSpec spec,
      String name,
      LoadOptions options,
      List<byte[]> packets) {
    this.setting = setting;
    for (byte[] packet : packets.isEmpty() ? List.of(new byte[0]) : packets) {
      inputs.add(packet);
      this.packets.add(arena.allocateFrom(ValueLayout.JAVA_BYTE, packet));
    }
    this.host = hosts.get();
    long start = System.nanoTime();
    LoadedCollection collection = host.load(spec, options);
    this.loadNanos = System.nanoTime() - start;
    this.program = collection.program(name);
    this.runner = setting.host() == HostKind.JVM ? Optional.of(program.runner()) : Optional.empty();
    for (BpfMap map : collection.maps().values()) {
      if (map.type() == MapType.RINGBUF || map.type() == MapType.PERF_EVENT_ARRAY) {
        readers.add(map.events());
      }
    }
  }

  BenchSetting setting() {
    return setting;
  }

  /// How long loading took: verification and maps included.
  long loadNanos() {
    return loadNanos;
  }

  /// Whether it is still interpreted, and will be compiled if it runs for long enough.
  boolean isInterpretedForNow() {
    return setting.engine() == EngineKind.AUTO
        && program.execution().engine().equals("interpreter");
  }

  int packets() {
    return packets.size();
  }

  /// Runs on one packet, again and again as the program leaves it, and gives the mean time in
  /// nanoseconds. Events are taken out afterwards.
  double run(int packet, int repeat) {
    double mean =
        runner.isPresent() ? inJvm(runner.get(), packet, repeat) : inKernel(packet, repeat);
    for (EventReader reader : readers) {
      reader.poll(Duration.ZERO, (record, cpu) -> results += record.byteSize());
    }
    return mean;
  }

  private double inJvm(Runner own, int packet, int repeat) {
    MemorySegment from = packets.get(packet);
    if (from.byteSize() > 0) {
      own.packetBuffer((int) from.byteSize()).copyFrom(from);
    }
    long start = System.nanoTime();
    results += loop(own, repeat);
    return (System.nanoTime() - start) / (double) repeat;
  }

  /// The results' sum, so that no compiler leaves a run out.
  private static long loop(Runner own, int repeat) {
    long sum = 0;
    for (int i = 0; i < repeat; i++) {
      sum += own.run();
    }
    return sum;
  }

  private double inKernel(int packet, int repeat) {
    return program.run(RunInput.packet(inputs.get(packet)).withRepeat(repeat)).nanoseconds();
  }

  @Override
  public void close() {
    runner.ifPresent(Runner::close);
    readers.forEach(EventReader::close);
    host.close();
    arena.close();
  }
}
