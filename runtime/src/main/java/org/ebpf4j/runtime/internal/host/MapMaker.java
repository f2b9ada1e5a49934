package org.ebpf4j.runtime.internal.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.KconfigEncoder;
import org.ebpf4j.spec.KconfigException;
import org.ebpf4j.spec.MapSpec;

/// Makes the maps of a spec, with what they start with.
final class MapMaker {
  private static final int PAGE = 4096;
  private static final int MAX_RING = 1 << 29;

  private final RuntimeHost host;
  private final CollectionSpec spec;
  private final LoadOptions options;

  /// Where the variables are that the caller sets.
  private final Map<String, Variables.Place> globals;

  MapMaker(RuntimeHost host, CollectionSpec spec, LoadOptions options) {
    this.host = host;
    this.spec = spec;
    this.options = options;
    this.globals = places(spec, options);
  }

  /// The key of an index, in a map with keys of this size.
  static byte[] key(int index, int size) {
    ByteBuffer key = ByteBuffer.allocate(Math.max(size, Integer.BYTES));
    key.order(ByteOrder.nativeOrder()).putInt(index);
    return java.util.Arrays.copyOf(key.array(), size);
  }

  /// The map that the caller brings in place of this one, or a new one.
  BpfMap make(MapSpec map) {
    BpfMap given = options.maps().get(map.name());
    if (given != null) {
      return fitting(map, given);
    }
    if (map.pinByName()) {
      return host.pinned(adjusted(map, host.cpus()), () -> filled(map));
    }
    return filled(map);
  }

  private MapHandle filled(MapSpec map) {
    MapHandle made = new MapHandle(host.maps().create(adjusted(map, host.cpus()), spec.btf()));
    boolean filled = false;
    try {
      fill(map, made);
      filled = true;
    } finally {
      if (!filled) {
        made.close();
      }
    }
    return made;
  }

  /// What libbpf would ask for: types of keys only where values have one as well, an entry for each
  /// CPU in a perf event array without a size, and ring buffers of a power of two of whole pages.
  static MapSpec adjusted(MapSpec wanted, int cpus) {
    MapSpec map = wanted.valueType() == 0 ? wanted.withoutTypes() : wanted;
    int entries = map.maxEntries();
    return switch (map.type().orElse(MapType.ARRAY)) {
      case PERF_EVENT_ARRAY -> entries == 0 ? map.withMaxEntries(cpus) : map;
      case RINGBUF, USER_RINGBUF ->
          entries > 0 && entries <= MAX_RING
              ? map.withMaxEntries(Math.max(PAGE, Integer.highestOneBit(entries - 1) << 1))
              : map;
      default -> map;
    };
  }

  private void fill(MapSpec map, BpfMap made) {
    switch (map.contents()) {
      case MapSpec.Contents.None() -> {
        if (hasGlobals(map)) {
          put(map, made, new byte[Math.max(map.valueSize(), endOfGlobals(map))]);
        }
      }
      case MapSpec.Contents.Slots slots -> {
        // Filled when all maps and programs are there.
      }
      case MapSpec.Contents.Operations operations -> {
        // Maps of this type are Linux's alone: none was made.
      }
      case MapSpec.Contents.Data(byte[] bytes, boolean frozen) -> {
        put(map, made, bytes);
        if (frozen) {
          made.freeze();
        }
      }
      case MapSpec.Contents.Kconfig(List<MapSpec.KconfigVariable> variables) -> {
        put(map, made, kconfig(map, variables));
        made.freeze();
      }
    }
  }

  private void put(MapSpec map, BpfMap made, byte[] bytes) {
    byte[] initial = withGlobals(map, bytes);
    if (map.typeNumber() == MapType.ARENA.number()) {
      made.arena().write(made.arena().address(), initial);
    } else {
      made.update(new byte[Integer.BYTES], initial);
    }
  }

  private BpfMap fitting(MapSpec wanted, BpfMap given) {
    if (!(given instanceof MapHandle handle) || !handle.map().belongsTo(host.maps())) {
      throw new LoadException(
          "map " + wanted.name(), Errno.EINVAL, "the map to take its place is of another host");
    }
    MapSpec adjusted = adjusted(wanted, host.cpus());
    MapSpec actual = given.spec();
    if (actual.typeNumber() != adjusted.typeNumber()
        || actual.keySize() != adjusted.keySize()
        || actual.valueSize() != adjusted.valueSize()
        || actual.maxEntries() != adjusted.maxEntries()) {
      throw new LoadException(
          "map " + wanted.name(),
          Errno.EINVAL,
          "the map to take its place is %s; the object wants %s"
              .formatted(describe(actual), describe(adjusted)));
    }
    return given;
  }

  private static String describe(MapSpec map) {
    return "%s of %d-byte keys, %d-byte values, %s entries"
        .formatted(
            map.type().map(MapType::name).orElse("type " + map.typeNumber()),
            map.keySize(),
            map.valueSize(),
            Integer.toUnsignedString(map.maxEntries()));
  }

  /// Where the caller's variables are.
  ///
  /// @throws LoadException if there is no such variable, or it has another size
  private static Map<String, Variables.Place> places(CollectionSpec spec, LoadOptions options) {
    Map<String, Variables.Place> places = new HashMap<>();
    options
        .globals()
        .forEach((name, value) -> {
          Variables.Place place =
              Variables.find(spec, name)
                  .orElseThrow(() ->
                      new LoadException(
                          spec.name(), Errno.ENOENT, "no global variable named " + name));
          if (value.length != place.size()) {
            throw new LoadException(
                spec.name(),
                Errno.EINVAL,
                "global variable %s takes %d bytes, not %d"
                    .formatted(name, place.size(), value.length));
          }
          places.put(name, place);
        });
    return places;
  }

  private byte[] withGlobals(MapSpec map, byte[] initial) {
    byte[] bytes = initial.clone();
    globals.forEach((name, place) -> {
      if (place.map().equals(map.name())) {
        byte[] value = options.globals().getOrDefault(name, initial);
        System.arraycopy(value, 0, bytes, place.offset(), place.size());
      }
    });
    return bytes;
  }

  private boolean hasGlobals(MapSpec map) {
    return globals.values().stream().anyMatch(place -> place.map().equals(map.name()));
  }

  private int endOfGlobals(MapSpec map) {
    return globals.values().stream()
        .filter(place -> place.map().equals(map.name()))
        .mapToInt(place -> place.offset() + place.size())
        .max()
        .orElse(0);
  }

  private byte[] kconfig(MapSpec map, List<MapSpec.KconfigVariable> variables) {
    Map<String, String> known = host.tables().kconfig();
    KconfigEncoder encoder =
        new KconfigEncoder(
            spec.btf(),
            name -> Optional.ofNullable(known.get(name)),
            "the host has no value for it: give one, or declare it __weak");
    try {
      return encoder.encode(variables, map.valueSize());
    } catch (KconfigException e) {
      throw new LoadException(
          spec.name(),
          e.isMissing() ? Errno.ESRCH : Errno.EINVAL,
          "extern %s: %s".formatted(e.variable(), e.reason()));
    }
  }
}
