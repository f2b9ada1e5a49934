package org.ebpf4j.runtime.internal.host;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.ArenaVariable;
import org.ebpf4j.BpfMap;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.runtime.internal.map.ArrayMap;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// Finds global variables: the object's BTF says which lie where in which section.
final class Variables {
  /// Sections of variables that begin as zeros, of which the file has no contents.
  private static final String ZEROS = ".bss";

  /// The section of variables in an arena, which no map is named after.
  private static final String ARENA = ".addr_space.1";

  private Variables() {}

  /// Where a variable lies: in the map of a section, at an offset of its value.
  record Place(String map, int offset, int size) {}

  static Optional<Place> find(CollectionSpec spec, String name) {
    return Optional.ofNullable(places(spec).get(name));
  }

  /// The variables of a collection whose maps are live.
  ///
  /// @param handles the user's holds on them
  static Map<String, GlobalVariable> of(
      CollectionSpec spec, Map<String, RuntimeMap> maps, Map<String, BpfMap> handles) {
    Map<String, GlobalVariable> variables = new LinkedHashMap<>();
    for (BpfMap handle : handles.values()) {
      if (handle.type() == MapType.ARENA) {
        inArena(spec, handle.arena()).forEach(found -> variables.put(found.name(), found));
      }
    }
    places(spec)
        .forEach((name, place) -> {
          if (!(maps.get(place.map()) instanceof ArrayMap data)) {
            return;
          }
          MemorySegment memory = data.values().asSlice(place.offset(), place.size());
          boolean writable = !data.frozen() && data.programsWrite();
          variables.put(
              name,
              new Variable(name, place.size(), writable, writable ? memory : memory.asReadOnly()));
        });
    return variables;
  }

  private static List<ArenaVariable> inArena(CollectionSpec spec, ArenaMemory arena) {
    List<ArenaVariable> variables = new ArrayList<>();
    for (BtfType type : spec.btf().ownTypes()) {
      if (type instanceof BtfType.DataSection section && section.name().equals(ARENA)) {
        for (BtfType.SectionVariable placed : section.variables()) {
          String name = spec.btf().type(placed.type()).name();
          variables.add(new ArenaVariable(name, placed.size(), arena, placed.offset()));
        }
      }
    }
    return variables;
  }

  private static Map<String, Place> places(CollectionSpec spec) {
    Map<String, Place> places = new LinkedHashMap<>();
    for (BtfType type : spec.btf().ownTypes()) {
      if (!(type instanceof BtfType.DataSection section)) {
        continue;
      }
      Optional<String> map = mapOf(spec, section.name());
      if (map.isEmpty()) {
        continue;
      }
      for (BtfType.SectionVariable variable : section.variables()) {
        if (spec.btf().type(variable.type()) instanceof BtfType.Variable declared) {
          places.put(declared.name(), new Place(map.get(), variable.offset(), variable.size()));
        }
      }
    }
    return places;
  }

  /// The map that holds the variables of a section.
  private static Optional<String> mapOf(CollectionSpec spec, String section) {
    if (section.equals(ARENA)) {
      return spec.maps().values().stream()
          .filter(map -> map.typeNumber() == MapType.ARENA.number())
          .map(MapSpec::name)
          .findFirst();
    }
    return isData(spec, section) ? Optional.of(section) : Optional.empty();
  }

  private static boolean isData(CollectionSpec spec, String section) {
    return spec.map(section)
        .map(map ->
            section.startsWith(ZEROS)
                || map.contents() instanceof MapSpec.Contents.Data
                || map.contents() instanceof MapSpec.Contents.Kconfig)
        .orElse(false);
  }

  private record Variable(String name, int size, boolean writable, MemorySegment memory)
      implements GlobalVariable {}
}
