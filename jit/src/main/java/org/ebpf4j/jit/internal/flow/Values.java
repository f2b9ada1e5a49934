package org.ebpf4j.jit.internal.flow;

import java.util.Optional;
import org.ebpf4j.runtime.internal.map.InnerShape;
import org.ebpf4j.runtime.internal.map.MapFlags;
import org.ebpf4j.runtime.internal.map.RuntimeMap;

/// What all values are like that lookups in one place give.
///
/// @param size bytes in a value
/// @param readable whether programs may load from them
/// @param writable whether programs may store to all of them
/// @param map what holds them, if it is the same in every run
public record Values(int size, boolean readable, boolean writable, Optional<RuntimeMap> map) {

  /// Those of a map; empty if it gives anything else.
  static Optional<Values> of(RuntimeMap map) {
    return map.givesValues()
        ? Optional.of(
            new Values(
                map.spec().valueSize(),
                map.programsRead(),
                map.programsWrite() && map.fields().isEmpty(),
                Optional.of(map)))
        : Optional.empty();
  }

  /// Those of any map that a map of maps holds; empty if these give anything else.
  static Optional<Values> ofInner(InnerShape shape) {
    int flags = shape.spec().flags();
    return shape.givesValues()
        ? Optional.of(
            new Values(
                shape.spec().valueSize(),
                (flags & MapFlags.WRONLY_PROG) == 0,
                (flags & MapFlags.RDONLY_PROG) == 0 && shape.fields().isEmpty(),
                Optional.empty()))
        : Optional.empty();
  }

  /// Whether so many bytes at an offset lie in a value.
  public boolean has(long offset, int bytes) {
    return offset >= 0 && offset <= size - bytes;
  }
}
