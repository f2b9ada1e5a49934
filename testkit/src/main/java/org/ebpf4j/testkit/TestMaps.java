package org.ebpf4j.testkit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;

/// The maps that generated programs use. Few elements, and values that end where their memory does,
/// so that a step too far is seen.
final class TestMaps {
  /// Values that end in half a word of eight bytes: what goes over the end may be aligned.
  static final MapSpec ARRAY = MapSpec.of("array", MapType.ARRAY, 4, 44, 2);

  static final MapSpec HASH = MapSpec.of("hash", MapType.HASH, 8, 24, 8);
  static final MapSpec PER_CPU = MapSpec.of("percpu", MapType.PERCPU_ARRAY, 4, 16, 1);
  static final MapSpec RING = MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096);
  static final MapSpec LOCKED =
      new MapSpec(
          "locked",
          MapType.ARRAY.number(),
          4,
          TestTypes.LOCKED_BYTES,
          1,
          0,
          0,
          0,
          TestTypes.WORD,
          TestTypes.LOCKED,
          false,
          Optional.empty(),
          new MapSpec.Contents.None());

  /// What [#OUTER] holds, and what its inner maps look like.
  static final MapSpec INNER = MapSpec.of("inner", MapType.HASH, 4, 20, 8);

  /// A map of maps, with a place for one more.
  static final MapSpec OUTER =
      MapSpec.of("outer", MapType.ARRAY_OF_MAPS, 4, 4, 2)
          .withInner(INNER)
          .withContents(new MapSpec.Contents.Slots(List.of(new MapSpec.Slot(0, INNER.name()))));

  private static final List<MapSpec> ALL =
      List.of(ARRAY, HASH, PER_CPU, RING, LOCKED, INNER, OUTER);

  /// Maps whose elements programs may look up.
  static final List<MapSpec> LOOKED_UP = List.of(ARRAY, ARRAY, HASH, PER_CPU, LOCKED);

  private TestMaps() {}

  /// The maps that a program uses, by name, and what these hold.
  static Map<String, MapSpec> usedBy(ProgramSpec program) {
    Map<String, MapSpec> used = new LinkedHashMap<>();
    for (MapSpec map : ALL) {
      if (uses(program, map) || (map == INNER && uses(program, OUTER))) {
        used.put(map.name(), map);
      }
    }
    return used;
  }

  private static boolean uses(ProgramSpec program, MapSpec map) {
    for (Reference reference : program.references()) {
      if (reference instanceof Reference.MapHandle handle && handle.map().equals(map.name())) {
        return true;
      }
    }
    return false;
  }
}
