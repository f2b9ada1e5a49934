package org.ebpf4j.bench;

import java.util.concurrent.TimeUnit;
import org.ebpf4j.abi.MapType;
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

/// Lookups and updates of keys that are there, as helpers do them inside a run, without the
/// interpreter around them.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(MeasuredMap.OPERATIONS)
public class MapOperations {
  @Param({
    "ARRAY",
    "PERCPU_ARRAY",
    "HASH",
    "PERCPU_HASH",
    "LRU_HASH",
    "LRU_PERCPU_HASH",
    "LPM_TRIE"
  })
  public MapType type = MapType.ARRAY;

  private MeasuredMap map;

  @Setup
  public void open() {
    map = new MeasuredMap(type);
  }

  @Benchmark
  public long lookup(Cpu cpu) {
    return map.lookup(cpu.number(), cpu.advance());
  }

  @Benchmark
  public long update(Cpu cpu) {
    return map.update(cpu.number(), cpu.advance());
  }

  @TearDown
  public void close() {
    map.close();
  }
}
