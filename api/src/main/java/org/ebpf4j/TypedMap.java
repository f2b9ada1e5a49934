package org.ebpf4j;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.ebpf4j.value.Codec;

/// A [BpfMap] with keys and values of Java types.
///
/// Per-CPU maps have one value for each CPU of the host: they are read and written by the methods
/// whose names end in `AllCpus`, other maps by the others. The wrong ones throw
/// [UnsupportedOperationException].
///
/// @param <K> the type of keys
/// @param <V> the type of values; for per-CPU maps, of one CPU's value
public final class TypedMap<K, V> {
  private final BpfMap map;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final int stride;
  private final boolean perCpu;

  TypedMap(BpfMap map, Codec<K> keys, Codec<V> values) {
    check(map, "key", map.spec().keySize(), keys.size());
    check(map, "value", map.spec().valueSize(), values.size());
    this.map = map;
    this.keys = keys;
    this.values = values;
    this.stride = (map.spec().valueSize() + 7) & ~7;
    this.perCpu = map.type().isPerCpu();
  }

  private static void check(BpfMap map, String what, int actual, int typed) {
    if (actual != typed) {
      throw new IllegalArgumentException(
          "map %s has %ss of %d bytes, the type given has %d"
              .formatted(map.name(), what, actual, typed));
    }
  }

  public BpfMap map() {
    return map;
  }

  public Optional<V> lookup(K key) {
    require(false);
    return map.lookup(keys.toBytes(key)).map(values::fromBytes);
  }

  /// One value for each CPU.
  public Optional<List<V>> lookupAllCpus(K key) {
    require(true);
    return map.lookup(keys.toBytes(key)).map(this::split);
  }

  public void update(K key, V value) {
    update(key, value, BpfMap.ANY);
  }

  public void update(K key, V value, long flags) {
    require(false);
    map.update(keys.toBytes(key), values.toBytes(value), flags);
  }

  /// Stores a value for each CPU.
  ///
  /// @throws MapException `EINVAL` if there are not as many values as CPUs
  public void updateAllCpus(K key, List<V> perCpuValues) {
    updateAllCpus(key, perCpuValues, BpfMap.ANY);
  }

  /// As the above, with flags.
  public void updateAllCpus(K key, List<V> perCpuValues, long flags) {
    require(true);
    byte[] row = new byte[stride * perCpuValues.size()];
    MemorySegment target = MemorySegment.ofArray(row);
    for (int cpu = 0; cpu < perCpuValues.size(); cpu++) {
      values.encode(perCpuValues.get(cpu), target.asSlice((long) stride * cpu, values.size()));
    }
    map.update(keys.toBytes(key), row, flags);
  }

  public boolean delete(K key) {
    return map.delete(keys.toBytes(key));
  }

  public Optional<V> lookupAndDelete(K key) {
    require(false);
    return map.lookupAndDelete(keys.toBytes(key)).map(values::fromBytes);
  }

  /// A copy of all elements, in the map's own order.
  public List<Map.Entry<K, V>> entries() {
    require(false);
    return entries(values::fromBytes);
  }

  /// A copy of all elements, in the map's own order, each with one value for each CPU.
  public List<Map.Entry<K, List<V>>> entriesAllCpus() {
    require(true);
    return entries(this::split);
  }

  private <T> List<Map.Entry<K, T>> entries(Function<byte[], T> read) {
    List<Map.Entry<K, T>> typed = new ArrayList<>();
    for (BpfMap.Entry entry : map.entries()) {
      typed.add(Map.entry(keys.fromBytes(entry.key()), read.apply(entry.value())));
    }
    return typed;
  }

  private List<V> split(byte[] row) {
    List<V> all = new ArrayList<>();
    for (int offset = 0; offset < row.length; offset += stride) {
      byte[] one = new byte[values.size()];
      System.arraycopy(row, offset, one, 0, one.length);
      all.add(values.fromBytes(one));
    }
    return all;
  }

  /// What the methods called are for must be what the map is.
  private void require(boolean forAllCpus) {
    if (perCpu != forAllCpus) {
      throw new UnsupportedOperationException(
          perCpu
              ? "map %s holds a value for each CPU: use lookupAllCpus, updateAllCpus or entriesAllCpus"
                  .formatted(map.name())
              : "map %s holds one value for all CPUs: use lookup, update or entries"
                  .formatted(map.name()));
    }
  }
}
