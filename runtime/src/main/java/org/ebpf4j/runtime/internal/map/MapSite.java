package org.ebpf4j.runtime.internal.map;

import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Epochs;

/// What a map gets from its host when it is made.
///
/// @param registry the host's maps
/// @param id the new map's number
/// @param fields what in its values is more than bytes
/// @param inner for maps of maps, what each inner one must look like
/// @param types what the spec's type ids refer to
public record MapSite(
    MapRegistry registry, int id, SpecialFields fields, Optional<InnerShape> inner, Btf types) {

  public Epochs epochs() {
    return registry.epochs();
  }

  public int cpus() {
    return registry.epochs().cpus();
  }

  /// Zeroed memory of the host's budget.
  ///
  /// @throws MapMemoryException when the budget does not have it
  Block allocate(long size, long alignment) {
    return registry
        .budget()
        .allocate(size, alignment)
        .orElseThrow(() -> new MapMemoryException(size));
  }

  /// As [#allocate], or empty when the budget does not have it.
  Optional<Block> tryAllocate(long size, long alignment) {
    return registry.budget().allocate(size, alignment);
  }

  void retire(RuntimeMap map) {
    registry.retire(map);
  }
}
