package org.ebpf4j.testkit;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.MapSpec;

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

  static final List<MapSpec> ALL = List.of(ARRAY, HASH, PER_CPU, RING, LOCKED);

  /// Maps whose elements programs may look up.
  static final List<MapSpec> LOOKED_UP = List.of(ARRAY, ARRAY, HASH, PER_CPU, LOCKED);

  private TestMaps() {}
}
