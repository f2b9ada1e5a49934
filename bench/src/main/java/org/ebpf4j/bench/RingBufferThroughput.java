package org.ebpf4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.EventReader;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.RingBuffer;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.spec.MapSpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Records of 64 bytes written to a ring buffer and read from it by the same thread, 256 at a time.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(RingBufferThroughput.RECORDS)
public class RingBufferThroughput {
  static final int RECORDS = 256;
  private static final int LENGTH = 64;

  private Arena arena;
  private MemorySegment record;
  private RingBuffer ring;
  private EventReader reader;
  private long sum;

  /// Makes the ring.
  @Setup
  public void open() {
    arena = Arena.ofShared();
    record = arena.allocate(LENGTH, 8);
    MapRegistry registry =
        new MapRegistry(
            new Epochs(1),
            new Budget(1L << 24, false),
            1,
            (owner, field, address, lock) -> {},
            () -> 1,
            cookie -> Optional.empty());
    ring =
        (RingBuffer)
            registry.create(MapSpec.of("ring", MapType.RINGBUF, 0, 0, 1 << 16), Btf.empty());
    reader = ring.openReader();
  }

  /// Writes records, then reads them.
  @Benchmark
  public long writeAndRead() {
    for (int i = 0; i < RECORDS; i++) {
      ring.output(record.address(), LENGTH, 0);
    }
    int count = reader.poll(Duration.ZERO, (bytes, cpu) -> sum += bytes.byteSize());
    if (count != RECORDS) {
      throw new IllegalStateException("lost records: %d of %d came".formatted(count, RECORDS));
    }
    return sum;
  }

  /// Lets go of the ring.
  @TearDown
  public void close() {
    reader.close();
    ring.release();
    arena.close();
  }
}
