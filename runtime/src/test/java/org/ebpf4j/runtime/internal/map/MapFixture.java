package org.ebpf4j.runtime.internal.map;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.spec.MapSpec;

/// The maps of a small host, with freed memory poisoned.
final class MapFixture {
  static final int CPUS = 4;

  final Epochs epochs = new Epochs(CPUS);
  final Budget budget;
  final MapRegistry registry;

  MapFixture() {
    this(256L << 20);
  }

  MapFixture(long bytes) {
    this(bytes, true);
  }

  MapFixture(long bytes, boolean poison) {
    this.budget = new Budget(bytes, poison);
    this.registry = new MapRegistry(epochs, budget, 100, (map, field, address, lock) -> {});
  }

  MapHandle create(MapSpec spec) {
    return new MapHandle(registry.create(spec, Btf.empty()));
  }

  MapHandle create(MapType type, int keySize, int valueSize, int maxEntries, int flags) {
    return create(MapSpec.of("test", type, keySize, valueSize, maxEntries).withFlags(flags));
  }

  /// Ends what was let go; the budget must then be as it was.
  void settle() {
    epochs.synchronize(Duration.ofSeconds(10));
  }

  static byte[] u32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  static byte[] u64(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
  }

  static int u32(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt();
  }

  static long u64(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong();
  }

  static long lookupLong(BpfMap map, byte[] key) {
    return map.lookup(key).map(MapFixture::u64).orElse(-1L);
  }
}
