package org.ebpf4j.runtime.internal.map;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.BpfMap.Batch;
import org.ebpf4j.BpfMap.Entry;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;

/// `BPF_MAP_LOOKUP_BATCH` and `BPF_MAP_LOOKUP_AND_DELETE_BATCH`. Maps with parts (hashes) go part
/// by part, and the cursor is the number of the next; the others go key by key, and the cursor is
/// the last key.
///
/// Source: Linux 6.18's `__htab_map_lookup_and_delete_batch` in `kernel/bpf/hashtab.c` and
/// `generic_map_lookup_batch` in `kernel/bpf/syscall.c`.
final class Batches {
  private static final Set<MapType> HASHES =
      EnumSet.of(
          MapType.HASH,
          MapType.PERCPU_HASH,
          MapType.LRU_HASH,
          MapType.LRU_PERCPU_HASH,
          MapType.HASH_OF_MAPS);

  private static final Set<MapType> ARRAYS =
      EnumSet.of(MapType.ARRAY, MapType.PERCPU_ARRAY, MapType.ARRAY_OF_MAPS);

  private Batches() {}

  /// Whether maps of a type have an operation, as `struct bpf_map_ops` of each type says.
  enum Operation {
    LOOKUP,
    TAKE,
    UPDATE,
    DELETE;

    private boolean has(MapType type) {
      return HASHES.contains(type)
          || switch (this) {
            case LOOKUP, UPDATE -> ARRAYS.contains(type) || type == MapType.LPM_TRIE;
            case DELETE -> type == MapType.LPM_TRIE;
            case TAKE -> false;
          };
    }
  }

  /// Refuses what the map's type does not have, with `ENOTSUPP`.
  static void require(MapHandle map, String name, Operation operation) {
    if (!operation.has(map.type())) {
      throw map.failed(name, Errno.ENOTSUPP, "maps of type " + map.type() + " do not have it");
    }
  }

  static Batch lookup(MapHandle map, Optional<byte[]> cursor, int max) {
    checkCount(map, "lookupBatch", max);
    require(map, "lookupBatch", Operation.LOOKUP);
    return map.map() instanceof HashedMap
        ? byPart(map, "lookupBatch", cursor, max)
        : byKey(map, cursor, max);
  }

  static Batch take(MapHandle map, Optional<byte[]> cursor, int max) {
    checkCount(map, "lookupAndDeleteBatch", max);
    require(map, "lookupAndDeleteBatch", Operation.TAKE);
    Batch batch = byPart(map, "lookupAndDeleteBatch", cursor, max);
    List<Entry> taken = new ArrayList<>();
    for (Entry entry : batch.entries()) {
      map.lookupAndDelete(entry.key()).ifPresent(value -> taken.add(new Entry(entry.key(), value)));
    }
    return new Batch(taken, batch.cursor());
  }

  private static void checkCount(MapHandle map, String operation, int max) {
    if (max <= 0) {
      throw map.failed(operation, Errno.EINVAL, "a batch of " + max + " elements");
    }
  }

  private static Batch byPart(MapHandle map, String operation, Optional<byte[]> cursor, int max) {
    int parts = map.map().parts();
    int part = cursor.map(bytes -> partOf(map, operation, bytes)).orElse(0);
    if (part < 0 || part > parts) {
      throw map.failed(operation, Errno.EINVAL, "the cursor is none of this map's");
    }
    List<Entry> found = new ArrayList<>();
    for (part = map.filled(operation, part); part < parts; part = map.filled(operation, part + 1)) {
      List<Entry> rows = map.entriesOf(part);
      if (found.size() + rows.size() > max) {
        if (found.isEmpty()) {
          throw map.failed(
              operation,
              Errno.ENOSPC,
              "a bucket holds %d elements, the batch %d".formatted(rows.size(), max));
        }
        return new Batch(found, Optional.of(bytes(part)));
      }
      found.addAll(rows);
    }
    return new Batch(found, Optional.empty());
  }

  private static Batch byKey(MapHandle map, Optional<byte[]> cursor, int max) {
    List<Entry> found = new ArrayList<>();
    Optional<byte[]> key = cursor.isPresent() ? map.nextKey(cursor.get()) : map.firstKey();
    while (key.isPresent()) {
      byte[] at = key.get();
      map.lookup(at).ifPresent(value -> found.add(new Entry(at, value)));
      if (found.size() == max) {
        return new Batch(found, map.nextKey(at).isPresent() ? key : Optional.empty());
      }
      key = map.nextKey(at);
    }
    return new Batch(found, Optional.empty());
  }

  private static int partOf(MapHandle map, String operation, byte[] cursor) {
    if (cursor.length != Integer.BYTES) {
      throw map.failed(operation, Errno.EINVAL, "the cursor is none of this map's");
    }
    return ByteBuffer.wrap(cursor).order(ByteOrder.nativeOrder()).getInt();
  }

  private static byte[] bytes(int part) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(part).array();
  }
}
