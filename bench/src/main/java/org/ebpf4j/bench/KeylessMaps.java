package org.ebpf4j.bench;

import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.QueueOperations;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Maps without keys, with values of 8 bytes: half the operations put a value in, half take one
/// out, or ask a bloom filter for one.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(MeasuredMap.OPERATIONS)
public class KeylessMaps {
  private static final int CPUS = 2;

  @Param({"QUEUE", "STACK", "BLOOM_FILTER"})
  public MapType type = MapType.QUEUE;

  private final Epochs epochs = new Epochs(CPUS);
  private final Arena arena = Arena.ofShared();
  private RuntimeMap map;
  private QueueOperations queue;

  /// By CPU, cache lines apart: room for a value.
  private final long values = arena.allocate(CPUS * 128L, 128).address();

  /// Makes the map.
  @Setup
  public void open() {
    MapRegistry registry =
        new MapRegistry(
            epochs,
            new Budget(1L << 30, false),
            1,
            (owner, field, address, lock) -> {},
            () -> 1,
            cookie -> Optional.empty());
    map = registry.create(MapSpec.of("measured", type, 0, 8, Keys.COUNT), Btf.empty());
    queue = (QueueOperations) map;
  }

  @Benchmark
  public long putAndTake(Cpu cpu) {
    long value = values + cpu.number() * 128L;
    int from = cpu.advance();
    long sum = 0;
    epochs.enter(cpu.number());
    for (int i = 0; i < MeasuredMap.OPERATIONS / 2; i++) {
      Memory.putLong(value, Keys.at(from + i));
      sum += queue.push(value, 0);
      sum += type == MapType.BLOOM_FILTER ? queue.peek(value) : queue.pop(value);
    }
    epochs.exit(cpu.number());
    return sum;
  }

  /// Lets go of the map.
  @TearDown
  public void close() {
    map.release();
    arena.close();
  }
}
