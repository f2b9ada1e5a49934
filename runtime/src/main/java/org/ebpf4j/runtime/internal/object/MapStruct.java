package org.ebpf4j.runtime.internal.object;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.map.RuntimeMap;

/// What programs find behind the address of a map: `struct bpf_map`, laid out as the types have it
/// that the program was relocated to. The fields are those that describe the map.
///
/// Source: `struct bpf_map` in Linux 6.18's `include/linux/bpf.h`.
public final class MapStruct {
  /// `BPF_OBJ_NAME_LEN`.
  static final int NAME_BYTES = 16;

  private static final Map<String, Integer> SIZES =
      Map.of(
          "id", 4,
          "map_type", 4,
          "key_size", 4,
          "value_size", 4,
          "max_entries", 4,
          "map_flags", 4,
          "map_extra", 8,
          "name", NAME_BYTES);

  private final StructFields fields;

  /// @param types those that the program was relocated to; without the struct, no field is there
  public MapStruct(Btf types) {
    this.fields = new StructFields(types, "bpf_map", SIZES);
  }

  /// Whether a field has these bytes.
  public boolean has(long offset, int size) {
    return fields.has(offset, size);
  }

  /// Bytes of a field that is there, for a map.
  public long load(RuntimeMap map, long offset, int size) {
    return fields.load(offset, size, name -> value(map, name));
  }

  private static byte[] value(RuntimeMap map, String field) {
    return switch (field) {
      case "id" -> StructFields.bytes(map.id());
      case "map_type" -> StructFields.bytes(map.spec().typeNumber());
      case "key_size" -> StructFields.bytes(map.spec().keySize());
      case "value_size" -> StructFields.bytes(map.spec().valueSize());
      case "max_entries" -> StructFields.bytes(map.spec().maxEntries());
      case "map_flags" -> StructFields.bytes(map.spec().flags());
      case "map_extra" -> StructFields.bytes(map.spec().extra());
      default -> name(map.spec().name());
    };
  }

  /// A name as the kernel keeps it: cut, so that a NUL follows.
  static byte[] name(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(bytes, Math.min(bytes.length, NAME_BYTES - 1));
  }
}
