package org.ebpf4j.linux.internal.load;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.MapInfo;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.linux.internal.object.Infos;
import org.ebpf4j.linux.internal.object.KernelObjects;
import org.ebpf4j.linux.internal.object.ObjectKind;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.object.Pins;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.sys.Descriptor;

/// The maps of a collection that is being loaded: made, taken from the caller, or opened where they
/// are pinned; then given what they start with.
final class CollectionMaps {
  /// Set by the kernel itself on maps of devices.
  private static final int READ_ONLY_FOR_PROGRAMS = 1 << 7;

  private final CollectionSpec spec;
  private final LoadOptions options;
  private final LinuxLoadOptions linuxOptions;
  private final LoadSession.Kernel kernel;
  private final Globals globals;
  private final OpenObjects owner;
  private final Map<String, KernelMap> maps = new LinkedHashMap<>();
  private final Set<String> borrowed = new HashSet<>();

  CollectionMaps(
      CollectionSpec spec,
      LoadOptions options,
      LinuxLoadOptions linuxOptions,
      LoadSession.Kernel kernel,
      Globals globals,
      OpenObjects owner) {
    this.spec = spec;
    this.options = options;
    this.linuxOptions = linuxOptions;
    this.kernel = kernel;
    this.globals = globals;
    this.owner = owner;
  }

  void make(Optional<Descriptor> btf) {
    options
        .maps()
        .forEach((name, map) -> {
          MapSpec wanted =
              spec.map(name)
                  .orElseThrow(() ->
                      new LoadException(
                          "map " + name, Errno.ENOENT, "the object has no such map to replace"));
          maps.put(name, borrow(wanted, map));
          borrowed.add(name);
        });
    for (MapSpec map : spec.maps().values()) {
      if (!borrowed.contains(map.name())) {
        makeOne(map, btf);
      }
    }
    for (MapSpec map : spec.maps().values()) {
      if (!borrowed.contains(map.name())
          && map.contents() instanceof MapSpec.Contents.Slots(List<MapSpec.Slot> slots)) {
        putMaps(map, slots);
      }
    }
  }

  private MapMaker maker() {
    return new MapMaker(kernel.cpus(), owner);
  }

  private KernelMap borrow(MapSpec wanted, BpfMap map) {
    if (!(map instanceof KernelMap kernelMap)) {
      throw new LoadException(
          "map " + wanted.name(), Errno.EINVAL, "the map to take its place is of another host");
    }
    if (kernelMap.descriptor().closed()) {
      throw new LoadException(
          "map " + wanted.name(), Errno.EBADF, "the map to take its place is closed");
    }
    checkFits(wanted, kernelMap.spec(), "the map to take its place");
    return kernelMap.hold(owner);
  }

  private void makeOne(MapSpec map, Optional<Descriptor> btf) {
    Path pin = linuxOptions.pinFolder().resolve(map.name());
    if (map.pinByName()) {
      Optional<KernelMap> pinned = openPinned(map, pin);
      if (pinned.isPresent()) {
        maps.put(map.name(), pinned.get());
        return;
      }
    }
    KernelMap made = MapMaker.require(map.name(), call(map, btf));
    maps.put(map.name(), made);
    if (isArena(made)) {
      // Maps it: the verifier wants to know its address in the user's memory.
      ArenaMemory _ = made.arena();
    }
    fill(map, made);
    if (map.pinByName()) {
      try {
        made.pin(pin);
      } catch (KernelException e) {
        throw new LoadException(
            "map " + map.name(), e.errno(), "cannot %s: %s".formatted(e.operation(), e.advice()));
      }
    }
  }

  private MapMaker.Outcome call(MapSpec map, Optional<Descriptor> btf) {
    String name = KernelMapNames.of(spec.name(), map.name());
    if (!(map.contents() instanceof MapSpec.Contents.Operations)) {
      return maker().make(map, name, btf);
    }
    StructOps struct = StructOps.of(map, spec.btf(), kernel.types());
    Optional<Descriptor> module =
        struct.value().module().map(m -> KernelObjects.open(ObjectKind.BTF, m.id()));
    try {
      return maker()
          .makeStructOps(
              map.withValueSize(struct.valueSize(kernel.types())),
              name,
              btf,
              new MapMaker.KernelValue(struct.value().id(), module));
    } finally {
      module.ifPresent(Descriptor::close);
    }
  }

  private Optional<KernelMap> openPinned(MapSpec wanted, Path pin) {
    Descriptor descriptor;
    try {
      descriptor = Pins.open(pin, ObjectKind.MAP);
    } catch (KernelException e) {
      if (e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw new LoadException(
          "map " + wanted.name(), e.errno(), "cannot %s: %s".formatted(e.operation(), e.advice()));
    }
    try {
      checkFits(wanted, attributes(wanted, Infos.map(descriptor)), "the map pinned at " + pin);
    } catch (LoadException e) {
      descriptor.close();
      throw e;
    }
    return Optional.of(
        owner.add(new KernelMap(descriptor, maker().adjust(wanted), kernel.cpus(), owner)));
  }

  private static MapSpec attributes(MapSpec wanted, MapInfo info) {
    return new MapSpec(
        wanted.name(),
        info.typeNumber(),
        info.keySize(),
        info.valueSize(),
        info.maxEntries(),
        info.flags(),
        info.extra(),
        0,
        0,
        0,
        false,
        wanted.inner(),
        wanted.contents());
  }

  private void checkFits(MapSpec wanted, MapSpec actual, String what) {
    MapSpec adjusted = maker().adjust(wanted);
    boolean devices =
        wanted.type().filter(t -> t == MapType.DEVMAP || t == MapType.DEVMAP_HASH).isPresent();
    int flags = devices ? actual.flags() & ~READ_ONLY_FOR_PROGRAMS : actual.flags();
    if (actual.typeNumber() != wanted.typeNumber()
        || actual.keySize() != wanted.keySize()
        || actual.valueSize() != wanted.valueSize()
        || actual.maxEntries() != adjusted.maxEntries()
        || flags != wanted.flags()
        || actual.extra() != wanted.extra()) {
      throw new LoadException(
          "map " + wanted.name(),
          Errno.EINVAL,
          "%s is %s; the object wants %s".formatted(what, describe(actual), describe(adjusted)));
    }
  }

  private static String describe(MapSpec map) {
    return "%s of %d-byte keys, %d-byte values, %s entries, flags 0x%x"
        .formatted(
            map.type().map(MapType::name).orElse("type " + map.typeNumber()),
            map.keySize(),
            map.valueSize(),
            Integer.toUnsignedString(map.maxEntries()),
            map.flags());
  }

  private void fill(MapSpec map, KernelMap made) {
    switch (map.contents()) {
      case MapSpec.Contents.None() -> {
        if (globals.sets(map, options.globals())) {
          put(map, made, globals.zeros(map), false);
        }
      }
      case MapSpec.Contents.Data(byte[] bytes, boolean frozen) -> put(map, made, bytes, frozen);
      case MapSpec.Contents.Kconfig(List<MapSpec.KconfigVariable> variables) ->
          put(
              map,
              made,
              new KconfigValues(spec.btf(), kernel.config()).bytes(variables, map.valueSize()),
              true);
      case MapSpec.Contents.Slots(List<MapSpec.Slot> slots) -> {
        // Filled once all maps and programs are there.
      }
      case MapSpec.Contents.Operations operations -> {
        // Storing the struct registers it with the kernel, which is attaching it.
      }
    }
  }

  private static boolean isArena(KernelMap map) {
    return map.spec().typeNumber() == MapType.ARENA.number();
  }

  private void put(MapSpec map, KernelMap made, byte[] bytes, boolean frozen) {
    byte[] initial = globals.initial(map, bytes, options.globals());
    if (isArena(made)) {
      ArenaMemory arena = made.arena();
      arena.write(arena.address(), initial);
    } else {
      made.update(new byte[map.keySize()], initial);
    }
    if (frozen) {
      made.freeze();
    }
  }

  private void putMaps(MapSpec outer, List<MapSpec.Slot> slots) {
    for (MapSpec.Slot slot : slots) {
      KernelMap inner = maps.get(slot.target());
      if (inner != null) {
        byte[] key =
            ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(slot.key())
                .array();
        require(outer.name()).putMap(key, inner);
      }
    }
  }

  Map<String, KernelMap> all() {
    return maps;
  }

  KernelMap require(String name) {
    KernelMap map = maps.get(name);
    if (map == null) {
      throw new IllegalStateException("map " + name + " was not made");
    }
    return map;
  }
}
