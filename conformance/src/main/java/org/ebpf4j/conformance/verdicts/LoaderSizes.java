package org.ebpf4j.conformance.verdicts;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// What the loader of an object would set, and has to be something before Linux makes the map: how
/// many entries, and how long a stack trace may be.
final class LoaderSizes {
  /// A power of two and whole pages, as rings must be.
  private static final int ENTRIES = 1 << 14;

  private static final int FRAMES_OF_A_TRACE = 127;

  /// Those that must not have entries, or get as many as there are CPUs where none are asked for.
  private static final Set<MapType> WITHOUT =
      EnumSet.of(
          MapType.PERF_EVENT_ARRAY,
          MapType.CGROUP_STORAGE,
          MapType.PERCPU_CGROUP_STORAGE,
          MapType.SK_STORAGE,
          MapType.INODE_STORAGE,
          MapType.TASK_STORAGE,
          MapType.CGRP_STORAGE,
          MapType.STRUCT_OPS);

  private LoaderSizes() {}

  /// The collection with sizes where its object has none.
  static CollectionSpec filledIn(CollectionSpec collection) {
    CollectionSpec filled = collection;
    for (MapSpec map : collection.maps().values()) {
      filled = filled.withMap(filledIn(map));
    }
    return filled;
  }

  private static MapSpec filledIn(MapSpec map) {
    Optional<MapType> type = map.type();
    if (type.isEmpty() || WITHOUT.contains(type.get())) {
      return map;
    }
    MapSpec sized = map.maxEntries() == 0 ? map.withMaxEntries(ENTRIES) : map;
    if (map.inner().isPresent()) {
      sized = sized.withInner(filledIn(map.inner().get()));
    }
    return type.get() == MapType.STACK_TRACE && map.valueSize() == 0
        ? sized.withValueSize(FRAMES_OF_A_TRACE * Long.BYTES)
        : sized;
  }
}
