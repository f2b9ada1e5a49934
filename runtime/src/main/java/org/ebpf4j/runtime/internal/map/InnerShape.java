package org.ebpf4j.runtime.internal.map;

import java.util.EnumSet;
import java.util.Set;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.spec.MapSpec;

/// What the inner maps of a map of maps must look like (`bpf_map_meta_equal` in Linux 6.18's
/// `kernel/bpf/map_in_map.c` and `array_map_meta_equal` in `arraymap.c`).
///
/// @param types what the spec's type ids refer to
public record InnerShape(MapSpec spec, SpecialFields fields, Btf types) {
  private static final Set<MapType> VALUES =
      EnumSet.of(
          MapType.ARRAY,
          MapType.PERCPU_ARRAY,
          MapType.HASH,
          MapType.PERCPU_HASH,
          MapType.LRU_HASH,
          MapType.LRU_PERCPU_HASH,
          MapType.LPM_TRIE);

  /// Whether [RuntimeMap#givesValues] of all maps that look like this.
  public boolean givesValues() {
    return spec.type().filter(VALUES::contains).isPresent();
  }

  boolean fits(RuntimeMap map) {
    MapSpec other = map.spec();
    return other.typeNumber() == spec.typeNumber()
        && other.keySize() == spec.keySize()
        && other.valueSize() == spec.valueSize()
        && other.flags() == spec.flags()
        && map.fields().agree(map.types(), fields, types)
        && sameLength(other);
  }

  private boolean sameLength(MapSpec other) {
    return spec.typeNumber() != MapType.ARRAY.number()
        || (spec.flags() & MapFlags.INNER_MAP) != 0
        || other.maxEntries() == spec.maxEntries();
  }
}
