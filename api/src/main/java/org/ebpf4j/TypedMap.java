package org.ebpf4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.value.Codec;

/// A [BpfMap] with keys and values of Java types.
///
/// @param <K> the type of keys
/// @param <V> the type of values; for per-CPU maps, of one CPU's value
public final class TypedMap<K, V> {
  private final BpfMap map;
  private final Codec<K> keys;
  private final Codec<V> values;
  private final int stride;

  TypedMap(BpfMap map, Codec<K> keys, Codec<V> values) {
    check(map, "key", map.spec().keySize(), keys.size());
    check(map, "value", map.spec().valueSize(), values.size());
    this.map = map;
    this.keys = keys;
    this.values = values;
    this.stride = (map.spec().valueSize() + 7) & ~7;
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
    return map.lookup(keys.toBytes(key)).map(values::fromBytes);
  }

  /// One value for each CPU.
  public Optional<List<V>> lookupAllCpus(K key) {
    return map.lookup(keys.toBytes(key)).map(this::split);
  }

  public void update(K key, V value) {
    update(key, value, BpfMap.ANY);
  }

  public void update(K key, V value, long flags) {
    map.update(keys.toBytes(key), values.toBytes(value), flags);
  }

  public boolean delete(K key) {
    return map.delete(keys.toBytes(key));
  }

  public Optional<V> lookupAndDelete(K key) {
    return map.lookupAndDelete(keys.toBytes(key)).map(values::fromBytes);
  }

  /// A copy of all elements, in the map's own order.
  public List<Map.Entry<K, V>> entries() {
    List<Map.Entry<K, V>> typed = new ArrayList<>();
    for (BpfMap.Entry entry : map.entries()) {
      typed.add(Map.entry(keys.fromBytes(entry.key()), values.fromBytes(entry.value())));
    }
    return typed;
  }

  private List<V> split(byte[] row) {
    List<V> perCpu = new ArrayList<>();
    for (int offset = 0; offset < row.length; offset += stride) {
      byte[] one = new byte[values.size()];
      System.arraycopy(row, offset, one, 0, one.length);
      perCpu.add(values.fromBytes(one));
    }
    return perCpu;
  }
}
