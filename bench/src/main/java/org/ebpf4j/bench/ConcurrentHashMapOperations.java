package org.ebpf4j.bench;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// The yardstick: the operations of [MapOperations] and [MapReplacements] on the JDK's own map,
/// with the same keys in the same order.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@OperationsPerInvocation(MeasuredMap.OPERATIONS)
public class ConcurrentHashMapOperations {
  private final ConcurrentHashMap<Long, Long> map = new ConcurrentHashMap<>(2 * Keys.COUNT);
  private final long[] keys = new long[Keys.COUNT];

  /// Fills the map.
  @Setup
  public void fill() {
    for (int i = 0; i < Keys.COUNT; i++) {
      keys[i] = Keys.at(i);
      map.put(keys[i], 0L);
    }
  }

  private long key(int place) {
    return keys[place & (Keys.COUNT - 1)];
  }

  /// Looks keys up.
  @Benchmark
  public long lookup(Cpu cpu) {
    int from = cpu.advance();
    long sum = 0;
    for (int i = 0; i < MeasuredMap.OPERATIONS; i++) {
      sum += map.get(key(from + i));
    }
    return sum;
  }

  /// Stores over values.
  @Benchmark
  public long update(Cpu cpu) {
    int from = cpu.advance();
    long sum = 0;
    for (int i = 0; i < MeasuredMap.OPERATIONS; i++) {
      sum += map.put(key(from + i), (long) from);
    }
    return sum;
  }

  /// Deletes and inserts in turn.
  @Benchmark
  public long replace(Cpu cpu) {
    int from = cpu.advance();
    long deleted = 0;
    for (int i = 0; i < MeasuredMap.OPERATIONS / 2; i++) {
      long key = key(from + i);
      if (map.remove(key) != null) {
        deleted++;
      }
      map.put(key, (long) from);
    }
    return deleted;
  }
}
