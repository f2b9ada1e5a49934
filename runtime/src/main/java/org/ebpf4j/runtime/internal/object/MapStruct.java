package org.ebpf4j.runtime.internal.object;

import java.util.HashMap;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.runtime.internal.map.RuntimeMap;

/// What programs find behind the address of a map: `struct bpf_map`, laid out as the types have it
/// that the program was relocated to. The fields are those that describe the map.
///
/// Source: `struct bpf_map` in Linux 6.18's `include/linux/bpf.h`.
public final class MapStruct {
  private static final String NAME = "bpf_map";

  /// By offset.
  private final Map<Long, Field> fields = new HashMap<>();

  private enum Field {
    ID(4),
    MAP_TYPE(4),
    KEY_SIZE(4),
    VALUE_SIZE(4),
    MAX_ENTRIES(4),
    MAP_FLAGS(4),
    MAP_EXTRA(8);

    private final int size;

    Field(int size) {
      this.size = size;
    }

    private String title() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    private long of(RuntimeMap map) {
      return switch (this) {
        case ID -> map.id();
        case MAP_TYPE -> map.spec().typeNumber();
        case KEY_SIZE -> Integer.toUnsignedLong(map.spec().keySize());
        case VALUE_SIZE -> Integer.toUnsignedLong(map.spec().valueSize());
        case MAX_ENTRIES -> Integer.toUnsignedLong(map.spec().maxEntries());
        case MAP_FLAGS -> Integer.toUnsignedLong(map.spec().flags());
        case MAP_EXTRA -> map.spec().extra();
      };
    }
  }

  /// @param types those that the program was relocated to; without the struct, no field is there
  public MapStruct(Btf types) {
    for (int id : types.find(NAME, BtfType.Composite.class)) {
      if (types.type(id) instanceof BtfType.Composite struct && !struct.union()) {
        struct.members().forEach(this::add);
        return;
      }
    }
  }

  private void add(BtfType.Member member) {
    for (Field field : Field.values()) {
      if (field.title().equals(member.name()) && member.bitOffset() % Byte.SIZE == 0) {
        fields.put((long) member.bitOffset() / Byte.SIZE, field);
      }
    }
  }

  /// Whether a field of this size is at an offset.
  public boolean has(long offset, int size) {
    Field field = fields.get(offset);
    return field != null && field.size == size;
  }

  /// The value of a field that is there, for a map.
  public long load(RuntimeMap map, long offset) {
    Field field = fields.get(offset);
    return field == null ? 0 : field.of(map);
  }
}
