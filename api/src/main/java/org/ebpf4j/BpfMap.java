package org.ebpf4j;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.value.Codec;

/// A live map, seen from the application. Safe for use by several threads.
///
/// Keys and values are bytes in the layout that programs see. In a per-CPU map a value holds one
/// value for each CPU of the host, each rounded up to 8 bytes. Queues, stacks and bloom filters
/// have keys of length 0: `update` pushes, `lookup` peeks, `lookupAndDelete` pops. In a bloom
/// filter, `lookup` takes a value in place of the key, and gives it back if it may have been
/// pushed.
///
/// Errors are Linux's: each operation throws [MapException] with the `errno` that bpf(2) gives, but
/// for `ENOENT`, which is an empty or `false` result where the method has one.
public interface BpfMap extends AutoCloseable {
  /// Create the element or replace it.
  long ANY = 0;

  /// Create it; `EEXIST` if it is there.
  long NO_EXIST = 1;

  /// Replace it; `ENOENT` if it is not there.
  long EXIST = 2;

  /// Copy under the value's `bpf_spin_lock`.
  long LOCK = 4;

  default String name() {
    return spec().name();
  }

  default MapType type() {
    return spec().type().orElseThrow();
  }

  /// Its attributes, with sizes as the host made them.
  MapSpec spec();

  /// Bytes in a value as [#lookup] gives it: for per-CPU maps the whole row.
  int valueBytes();

  /// A copy of the value, or empty if there is none.
  default Optional<byte[]> lookup(byte[] key) {
    return lookup(key, ANY);
  }

  /// A copy of the value, or empty if there is none. `flags`: [#LOCK].
  Optional<byte[]> lookup(byte[] key, long flags);

  default void update(byte[] key, byte[] value) {
    update(key, value, ANY);
  }

  /// Stores a copy of the value. `flags`: [#ANY], [#NO_EXIST] or [#EXIST], and [#LOCK].
  void update(byte[] key, byte[] value, long flags);

  /// Removes an element; `false` if there was none.
  boolean delete(byte[] key);

  /// Removes an element and gives its value.
  Optional<byte[]> lookupAndDelete(byte[] key);

  /// The key after this one in the map's own order, as `BPF_MAP_GET_NEXT_KEY`. With a key that is
  /// not there, the first. Empty after the last.
  Optional<byte[]> nextKey(byte[] key);

  /// The first key, or empty if there is none.
  Optional<byte[]> firstKey();

  /// A copy of all elements. While others change the map, it may miss or repeat some, as in Linux;
  /// it ends all the same.
  List<Entry> entries();

  /// Up to `max` elements after `cursor`, as `BPF_MAP_LOOKUP_BATCH`.
  Batch lookupBatch(Optional<byte[]> cursor, int max);

  /// As [#lookupBatch], and removes them.
  Batch lookupAndDeleteBatch(Optional<byte[]> cursor, int max);

  /// Stores elements in order; the exception says how many were stored before the one that failed.
  /// None is stored if any key or value has a wrong size.
  void updateBatch(List<Entry> entries, long flags);

  /// Removes elements in order; the exception says how many were removed before the one that failed
  /// (`ENOENT` if it was not there).
  void deleteBatch(List<byte[]> keys);

  /// Forbids changes by callers from now on; programs may go on.
  void freeze();

  /// For maps of maps: puts a map at a key.
  void putMap(byte[] key, BpfMap map);

  /// For program arrays: puts a program at an index.
  void putProgram(int index, BpfProgram program);

  /// Reads the records of a ring buffer or perf event array. A map has one reader at a time, which
  /// may outlive it.
  ///
  /// @throws MapException `EINVAL` for other types, `EBUSY` if it has a reader
  EventReader events();

  /// For user ring buffers: hands a record to programs; `false` if the ring stayed full for this
  /// long, or until the thread was interrupted.
  ///
  /// @throws MapException `E2BIG` if it never fits, `EINVAL` for other types, `EBADF` if the map is
  ///   closed, even meanwhile
  boolean submit(byte[] record, Duration timeout);

  /// For arenas: its memory.
  ///
  /// @throws MapException `EINVAL` for other types
  ArenaMemory arena();

  /// A view of this map with typed keys and values.
  ///
  /// @throws IllegalArgumentException if the sizes do not match the map's
  default <K, V> TypedMap<K, V> typed(Codec<K> keys, Codec<V> values) {
    return new TypedMap<>(this, keys, values);
  }

  /// Releases the caller's hold on the map. It lives on as long as programs or other maps use it.
  @Override
  void close();

  /// @param key the key's bytes
  /// @param value the value's bytes
  record Entry(byte[] key, byte[] value) {}

  /// @param entries what was found
  /// @param cursor where to go on; empty after the last element
  record Batch(List<Entry> entries, Optional<byte[]> cursor) {}
}
