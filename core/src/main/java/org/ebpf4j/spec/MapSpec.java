package org.ebpf4j.spec;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.MapType;

/// What a map is to be: the attributes of `BPF_MAP_CREATE`, and what it starts with.
///
/// @param name the name in the object file, such as `counters` or `.rodata`
/// @param typeNumber the number of its type; see [#type()]
/// @param keySize bytes in a key, 0 for maps without keys
/// @param valueSize bytes in a value, 0 for ring buffers
/// @param maxEntries how many elements it may hold; bytes, for ring buffers
/// @param flags `BPF_F_…` of `BPF_MAP_CREATE`
/// @param extra `map_extra`: hash functions of a bloom filter, start address of an arena
/// @param numaNode the node its memory is meant for, where flags ask for one
/// @param keyType BTF id of the key, 0 for none
/// @param valueType BTF id of the value, 0 for none
/// @param pinByName whether it is shared under its name (`LIBBPF_PIN_BY_NAME`)
/// @param inner for maps of maps, what each inner map must look like
/// @param contents what the map holds before any program runs
public record MapSpec(
    String name,
    int typeNumber,
    int keySize,
    int valueSize,
    int maxEntries,
    int flags,
    long extra,
    int numaNode,
    int keyType,
    int valueType,
    boolean pinByName,
    Optional<MapSpec> inner,
    Contents contents) {

  /// A map of plain bytes, without BTF, flags or contents.
  public static MapSpec of(String name, MapType type, int keySize, int valueSize, int maxEntries) {
    return new MapSpec(
        name,
        type.number(),
        keySize,
        valueSize,
        maxEntries,
        0,
        0,
        0,
        0,
        0,
        false,
        Optional.empty(),
        new Contents.None());
  }

  /// The type, or empty if it is one that Linux 6.18 does not know.
  public Optional<MapType> type() {
    return MapType.of(typeNumber);
  }

  /// The same map under another name.
  public MapSpec withName(String newName) {
    return new MapSpec(
        newName,
        typeNumber,
        keySize,
        valueSize,
        maxEntries,
        flags,
        extra,
        numaNode,
        keyType,
        valueType,
        pinByName,
        inner,
        contents);
  }

  public MapSpec withFlags(int newFlags) {
    return with(maxEntries, newFlags, extra, inner, contents);
  }

  public MapSpec withMaxEntries(int newMaxEntries) {
    return with(newMaxEntries, flags, extra, inner, contents);
  }

  public MapSpec withValueSize(int newValueSize) {
    return new MapSpec(
        name,
        typeNumber,
        keySize,
        newValueSize,
        maxEntries,
        flags,
        extra,
        numaNode,
        keyType,
        valueType,
        pinByName,
        inner,
        contents);
  }

  public MapSpec withExtra(long newExtra) {
    return with(maxEntries, flags, newExtra, inner, contents);
  }

  /// The same map, shared under its name.
  public MapSpec pinnedByName() {
    return new MapSpec(
        name,
        typeNumber,
        keySize,
        valueSize,
        maxEntries,
        flags,
        extra,
        numaNode,
        keyType,
        valueType,
        true,
        inner,
        contents);
  }

  public MapSpec withInner(MapSpec newInner) {
    return with(maxEntries, flags, extra, Optional.of(newInner), contents);
  }

  public MapSpec withContents(Contents newContents) {
    return with(maxEntries, flags, extra, inner, newContents);
  }

  /// The same map with bare bytes for keys and values.
  public MapSpec withoutTypes() {
    return new MapSpec(
        name,
        typeNumber,
        keySize,
        valueSize,
        maxEntries,
        flags,
        extra,
        numaNode,
        0,
        0,
        pinByName,
        inner,
        contents);
  }

  private MapSpec with(
      int newMaxEntries,
      int newFlags,
      long newExtra,
      Optional<MapSpec> newInner,
      Contents newContents) {
    return new MapSpec(
        name,
        typeNumber,
        keySize,
        valueSize,
        newMaxEntries,
        newFlags,
        newExtra,
        numaNode,
        keyType,
        valueType,
        pinByName,
        newInner,
        newContents);
  }

  /// What a map starts with.
  public sealed interface Contents {
    /// Nothing.
    record None() implements Contents {}

    /// Global data: the value of key 0. `frozen` when neither programs nor users may change it
    /// (`.rodata`).
    record Data(byte[] bytes, boolean frozen) implements Contents {}

    /// Values of `.kconfig` that the host fills in before it creates the map.
    record Kconfig(List<KconfigVariable> variables) implements Contents {
      public Kconfig {
        variables = List.copyOf(variables);
      }
    }

    /// Maps or programs of the same object by key: an initialised map of maps or program array.
    record Slots(List<Slot> slots) implements Contents {
      public Slots {
        slots = List.copyOf(slots);
      }
    }

    /// A struct of kernel functions (type `STRUCT_OPS`): its bytes as the object lays it out, and
    /// the programs of the same object that its members are, each by the member's offset.
    record Operations(byte[] bytes, List<Slot> programs) implements Contents {
      public Operations {
        programs = List.copyOf(programs);
      }
    }
  }

  /// `key` of an initialised map of maps or program array, or the member at this offset of a struct
  /// of kernel functions, holds the map or program named `target`.
  public record Slot(int key, String target) {}

  /// A variable of `.kconfig`: `name` such as `CONFIG_HZ` or `LINUX_KERNEL_VERSION`, of BTF type
  /// `type`, at `offset` of the map's value.
  public record KconfigVariable(String name, int type, int offset, int size, boolean weak) {}
}
