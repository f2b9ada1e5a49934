package org.ebpf4j.spec;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ElfSection;
import org.ebpf4j.elf.ObjectFileException;

/// Reads one BTF-defined map: a struct whose members say what the map is to be.
///
/// The macros of `bpf_helpers.h` put numbers into types, since the struct itself stays zero:
/// `__uint(max_entries, 8)` declares a pointer to an array of 8, `__ulong(map_extra, 8)` an
/// enumeration of one value, and `__type(key, T)` a pointer to `T`. `__array(values, T)` is an
/// array of pointers to inner maps or functions, which may be initialised.
final class MapDefinition {
  /// The member whose initial values are the contents of the map.
  static final String VALUES = "values";

  private static final int PIN_BY_NAME = 1;

  private final String name;
  private final Btf btf;
  private final BtfLayout layout;
  private final ElfSection section;
  private final boolean inner;

  private int type;
  private int maxEntries;
  private int flags;
  private int numaNode;
  private long extra;
  private int pinning;
  private Optional<MapSpec> innerMap = Optional.empty();
  private OptionalInt keySize = OptionalInt.empty();
  private OptionalInt valueSize = OptionalInt.empty();
  private int keyType;
  private int valueType;

  private MapDefinition(String name, Btf btf, BtfLayout layout, ElfSection section, boolean inner) {
    this.name = name;
    this.btf = btf;
    this.layout = layout;
    this.section = section;
    this.inner = inner;
  }

  /// The map that a struct stands for, without contents.
  ///
  /// @param structure BTF id of the struct
  /// @param section where the map is defined, for messages
  /// @throws ObjectFileException if a member makes no sense, or the type is missing
  static MapSpec read(String name, int structure, Btf btf, BtfLayout layout, ElfSection section) {
    return new MapDefinition(name, btf, layout, section, false).read(structure);
  }

  private MapSpec read(int structure) {
    if (!(btf.resolved(structure) instanceof BtfType.Composite definition) || definition.union()) {
      throw error("is not defined by a struct");
    }
    List<BtfType.Member> members = definition.members();
    for (int i = 0; i < members.size(); i++) {
      readMember(members.get(i), i == members.size() - 1);
    }
    if (type == 0) {
      throw error("has no type; add __uint(type, BPF_MAP_TYPE_...)");
    }
    return new MapSpec(
        name,
        type,
        keySize.orElse(0),
        valueSize.orElse(0),
        maxEntries,
        flags,
        extra,
        numaNode,
        keyType,
        valueType,
        pinning == PIN_BY_NAME,
        innerMap,
        new MapSpec.Contents.None());
  }

  private void readMember(BtfType.Member member, boolean last) {
    switch (member.name()) {
      case "type" -> type = number(member);
      case "max_entries" -> maxEntries = number(member);
      case "map_flags" -> flags = number(member);
      case "numa_node" -> numaNode = number(member);
      case "map_extra" -> extra = longNumber(member);
      case "key_size" -> keySize = agreed(keySize, number(member), "key");
      case "value_size" -> valueSize = agreed(valueSize, number(member), "value");
      case "key" -> {
        keyType = pointee(member);
        keySize = agreed(keySize, sizeOf(keyType, "key"), "key");
      }
      case "value" -> {
        valueType = pointee(member);
        valueSize = agreed(valueSize, sizeOf(valueType, "value"), "value");
      }
      case "pinning" -> readPinning(member);
      case VALUES -> readValues(member, last);
      default ->
          throw error(
              "has the member '%s', which means nothing in a map definition"
                  .formatted(member.name()));
    }
  }

  private void readPinning(BtfType.Member member) {
    if (inner) {
      throw error("is an inner map and cannot be pinned");
    }
    pinning = number(member);
    if (pinning != 0 && pinning != PIN_BY_NAME) {
      throw error("has pinning %d; 0 and LIBBPF_PIN_BY_NAME are known".formatted(pinning));
    }
  }

  private void readValues(BtfType.Member member, boolean last) {
    if (inner) {
      throw error("is an inner map and cannot hold maps itself");
    }
    if (!last) {
      throw error("has members after 'values', which must be the last");
    }
    valueSize = agreed(valueSize, Integer.BYTES, "value");
    if (!(btf.resolved(member.type()) instanceof BtfType.Array array)
        || array.count() != 0
        || !(btf.resolved(array.element()) instanceof BtfType.Pointer pointer)) {
      throw error("has 'values' that are no array of pointers without a length");
    }
    BtfType target = btf.resolved(pointer.target());
    MapType known = MapType.of(type).orElse(null);
    if (known == MapType.PROG_ARRAY) {
      if (!(target instanceof BtfType.Prototype)) {
        throw error("is a program array, its 'values' must be pointers to functions");
      }
    } else if (known == MapType.ARRAY_OF_MAPS || known == MapType.HASH_OF_MAPS) {
      MapDefinition innerDefinition =
          new MapDefinition(name + ".inner", btf, layout, section, true);
      innerMap = Optional.of(innerDefinition.read(pointer.target()));
    } else {
      throw error("has 'values', which only maps of maps and program arrays have");
    }
  }

  private OptionalInt agreed(OptionalInt known, int size, String what) {
    if (size < 0) {
      throw error("has a %s of 2^31 bytes or more".formatted(what));
    }
    if (known.isPresent() && known.getAsInt() != size) {
      throw error(
          "has a %s of %d bytes and one of %d bytes".formatted(what, known.getAsInt(), size));
    }
    return OptionalInt.of(size);
  }

  private int number(BtfType.Member member) {
    if (btf.type(pointee(member)) instanceof BtfType.Array array) {
      return array.count();
    }
    throw error("has '%s' that is not declared by __uint".formatted(member.name()));
  }

  private long longNumber(BtfType.Member member) {
    if (btf.resolved(member.type()) instanceof BtfType.Enumeration enumeration
        && enumeration.enumerators().size() == 1) {
      return enumeration.enumerators().getFirst().value();
    }
    return Integer.toUnsignedLong(number(member));
  }

  private int pointee(BtfType.Member member) {
    if (btf.resolved(member.type()) instanceof BtfType.Pointer pointer) {
      return pointer.target();
    }
    throw error("has '%s' that is not declared by __type or __uint".formatted(member.name()));
  }

  private int sizeOf(int id, String what) {
    return layout
        .sizeOf(id)
        .orElseThrow(() -> error("has a %s of a type without size".formatted(what)));
  }

  private ObjectFileException error(String problem) {
    return section.error(-1, "map %s %s".formatted(name, problem));
  }
}
