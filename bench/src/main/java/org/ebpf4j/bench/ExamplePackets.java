package org.ebpf4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.net.capture.CaptureReader;
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

/// What one packet costs in each example, as a caller with a runner sees it: copying the packet in,
/// the run, and every 16 packets a look at what the program reported. The packets are those of a
/// capture, over and over; the clock is the machine's.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ExamplePackets {
  private static final int POLL_EVERY = 16;

  @Param public Example example = Example.FIREWALL;

  private final List<MemorySegment> packets = new ArrayList<>();
  private final List<EventReader> events = new ArrayList<>();
  private JvmHost host;
  private Runner runner;
  private int next;
  private long eventBytes;

  /// Loads the example and its packets.
  @Setup
  public void open() {
    try (CaptureReader reader = CaptureReader.open(example.capture())) {
      while (reader.next()) {
        packets.add(MemorySegment.ofArray(reader.packet().toBytes()));
      }
    }
    host = JvmHost.create();
    LoadedCollection collection = host.load(CollectionReader.read(example.object()));
    for (BpfMap map : collection.maps().values()) {
      if (map.type() == MapType.RINGBUF || map.type() == MapType.PERF_EVENT_ARRAY) {
        events.add(map.events());
      }
    }
    runner = collection.program(example.program()).runner();
  }

  /// Runs the next packet.
  @Benchmark
  public long packet() {
    MemorySegment packet = packets.get(next);
    long length = packet.byteSize();
    MemorySegment.copy(
        packet,
        ValueLayout.JAVA_BYTE,
        0,
        runner.packetBuffer((int) length),
        ValueLayout.JAVA_BYTE,
        0,
        length);
    next = next + 1 == packets.size() ? 0 : next + 1;
    if (next % POLL_EVERY == 0) {
      for (int i = 0; i < events.size(); i++) {
        events.get(i).poll(Duration.ZERO, (record, cpu) -> eventBytes += record.byteSize());
      }
    }
    return runner.run();
  }

  /// Lets go of the host.
  @TearDown
  public void close() {
    runner.close();
    events.forEach(EventReader::close);
    host.close();
  }
}
