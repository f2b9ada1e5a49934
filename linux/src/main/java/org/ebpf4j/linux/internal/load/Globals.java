package org.ebpf4j.linux.internal.load;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeSet;
import org.ebpf4j.ArenaVariable;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.LoadException;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// Global variables of a collection: where they are, what they start with, and their memory once
/// the maps are there.
final class Globals {
  /// The section of variables in an arena, which no map is named after.
  private static final String ARENA = ".addr_space.1";

  private final Map<String, Place> places = new HashMap<>();

  /// @param arena whether the map is one, and the variable not in a value of it
  private record Place(String map, int offset, int size, boolean arena) {
    int end() {
      return offset + size;
    }
  }

  Globals(CollectionSpec spec) {
    for (MapSpec map : spec.maps().values()) {
      if (spec.btf().has(map.valueType())
          && spec.btf().type(map.valueType()) instanceof BtfType.DataSection section) {
        add(spec, section, map, false);
      }
      if (map.type().equals(Optional.of(MapType.ARENA))) {
        addArena(spec, map);
      }
    }
  }

  private void addArena(CollectionSpec spec, MapSpec map) {
    for (BtfType type : spec.btf().ownTypes()) {
      if (type instanceof BtfType.DataSection section && section.name().equals(ARENA)) {
        add(spec, section, map, true);
      }
    }
  }

  private void add(CollectionSpec spec, BtfType.DataSection section, MapSpec map, boolean arena) {
    for (BtfType.SectionVariable variable : section.variables()) {
      places.putIfAbsent(
          spec.btf().type(variable.type()).name(),
          new Place(map.name(), variable.offset(), variable.size(), arena));
    }
  }

  /// What a map of variables holds that begin as zeros.
  byte[] zeros(MapSpec map) {
    int end =
        places.values().stream()
            .filter(place -> place.map().equals(map.name()))
            .mapToInt(Place::end)
            .max()
            .orElse(0);
    return new byte[Math.max(map.valueSize(), end)];
  }

  /// Whether the caller sets a variable of this map.
  boolean sets(MapSpec map, Map<String, byte[]> values) {
    return values.keySet().stream()
        .map(places::get)
        .anyMatch(place -> place != null && place.map().equals(map.name()));
  }

  /// The value a map starts with, with the variables set that the caller names.
  ///
  /// @throws LoadException if a variable has another size
  byte[] initial(MapSpec map, byte[] bytes, Map<String, byte[]> values) {
    byte[] changed = bytes.clone();
    values.forEach((name, value) -> {
      Place place = places.get(name);
      if (place != null && place.map().equals(map.name())) {
        if (value.length != place.size()) {
          throw new LoadException(
              "variable " + name,
              Errno.EINVAL,
              "%d bytes for a variable of %d".formatted(value.length, place.size()));
        }
        System.arraycopy(value, 0, changed, place.offset(), value.length);
      }
    });
    return changed;
  }

  /// @throws LoadException for a name that no variable has
  void checkNames(Map<String, byte[]> values) {
    for (String name : values.keySet()) {
      if (!places.containsKey(name)) {
        throw new LoadException(
            "variable " + name, Errno.ENOENT, "there is none; there are " + names());
      }
    }
  }

  private List<String> names() {
    return new ArrayList<>(new TreeSet<>(places.keySet()));
  }

  /// A live variable.
  ///
  /// @throws NoSuchElementException with the names there are
  /// @throws MapException if its section cannot be mapped
  GlobalVariable variable(String name, Map<String, KernelMap> maps) {
    Place place = places.get(name);
    KernelMap map = place == null ? null : maps.get(place.map());
    if (place == null || map == null) {
      throw new NoSuchElementException("no variable %s; there are %s".formatted(name, names()));
    }
    if (place.arena()) {
      return new ArenaVariable(name, place.size(), map.arena(), place.offset());
    }
    MemorySegment memory = map.memory().asSlice(place.offset(), place.size());
    return new KernelVariable(name, place.size(), !memory.isReadOnly(), memory);
  }
}
