package org.ebpf4j.bench;

import java.util.concurrent.TimeUnit;
import org.ebpf4j.net.capture.CaptureReader;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Packets read from a capture file: the whole file, opening it included. The first figure counts
/// files, the one named `packets` counts packets.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CaptureReading {

  /// Counts packets beside files.
  @AuxCounters
  @State(Scope.Thread)
  public static class Counter {
    public long packets;
  }

  @Benchmark
  public long web(Counter counter) {
    return read(Example.FIREWALL, counter);
  }

  private static long read(Example example, Counter counter) {
    long bytes = 0;
    try (CaptureReader reader = CaptureReader.open(example.capture())) {
      while (reader.next()) {
        bytes += reader.packet().length();
      }
      counter.packets += reader.packets();
    }
    return bytes;
  }
}
