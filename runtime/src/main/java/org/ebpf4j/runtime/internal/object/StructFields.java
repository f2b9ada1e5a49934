package org.ebpf4j.runtime.internal.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.Region;

/// Where fields of a struct of the kernel lie, in the types that a program was relocated to.
final class StructFields {
  private record Placed(String name, int size) {}

  /// By offset.
  private final TreeMap<Long, Placed> fields = new TreeMap<>();

  private int size;

  /// @param sizes the fields that there may be, with their sizes in bytes: one that the types have
  ///   otherwise is left out
  StructFields(Btf types, String struct, Map<String, Integer> sizes) {
    List<Integer> ids = types.find(struct, BtfType.Composite.class);
    for (int id : ids) {
      if (types.type(id) instanceof BtfType.Composite found && !found.union()) {
        size = found.size();
        add(found, 0, types, sizes);
        return;
      }
    }
  }

  /// Adds the members of a struct, and those of the structs and unions in it that have no name.
  private void add(BtfType.Composite struct, long offset, Btf types, Map<String, Integer> sizes) {
    for (BtfType.Member member : struct.members()) {
      if (member.bitOffset() % Byte.SIZE != 0) {
        continue;
      }
      long at = offset + member.bitOffset() / Byte.SIZE;
      BtfType type = types.resolved(member.type());
      Integer size = sizes.get(member.name());
      if (size != null && size == sizeOf(types, type)) {
        fields.put(at, new Placed(member.name(), size));
      } else if (member.name().isEmpty() && type instanceof BtfType.Composite nameless) {
        add(nameless, at, types, sizes);
      }
    }
  }

  private static int sizeOf(Btf types, BtfType type) {
    return switch (type) {
      case BtfType.Int number -> number.size();
      case BtfType.Enumeration number -> number.size();
      case BtfType.Pointer pointer -> Long.BYTES;
      case BtfType.Composite struct -> struct.size();
      case BtfType.Array array -> array.count() * sizeOf(types, types.resolved(array.element()));
      default -> -1;
    };
  }

  /// Bytes of the struct; 0 if the types do not have it.
  int size() {
    return size;
  }

  /// Writes a struct: its fields, and zeros where nothing is known.
  ///
  /// @param to room for [#size] bytes
  void write(long to, Function<String, byte[]> values) {
    Memory.fill(to, size, (byte) 0);
    fields.forEach((offset, field) -> {
      byte[] value = values.apply(field.name());
      Memory.copy(value, 0, to + offset, Math.min(value.length, field.size()));
    });
  }

  /// Whether these bytes are of one of the fields.
  boolean has(long offset, int size) {
    Map.Entry<Long, Placed> field = fields.floorEntry(offset);
    return field != null && offset + size <= field.getKey() + field.getValue().size();
  }

  /// Bytes of a field that is there, as a number.
  ///
  /// @param values a field's bytes by its name; what is missing at their end is 0
  long load(long offset, int size, Function<String, byte[]> values) {
    Map.Entry<Long, Placed> field = fields.floorEntry(offset);
    byte[] value = values.apply(field.getValue().name());
    ByteBuffer bytes =
        ByteBuffer.allocate(field.getValue().size() + Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.put(value, 0, Math.min(value.length, field.getValue().size()));
    int at = (int) (offset - field.getKey());
    return switch (size) {
      case 1 -> bytes.get(at) & 0xffL;
      case 2 -> bytes.getShort(at) & 0xffffL;
      case 4 -> bytes.getInt(at) & 0xffff_ffffL;
      default -> bytes.getLong(at);
    };
  }

  /// The number that is written in a field of up to 8 bytes, or 0 if the field is not there.
  long read(long from, String name) {
    for (Map.Entry<Long, Placed> field : fields.entrySet()) {
      if (field.getValue().name().equals(name)) {
        return Region.loadOrdinary(from + field.getKey(), field.getValue().size());
      }
    }
    return 0;
  }

  /// The bytes of a number in a field of 2, 4 or 8 bytes.
  static byte[] bytes(long number, int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    return switch (size) {
      case Short.BYTES -> bytes.putShort((short) number).array();
      case Integer.BYTES -> bytes.putInt((int) number).array();
      default -> bytes.putLong(number).array();
    };
  }

  /// The bytes of a number.
  static byte[] bytes(int number) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(number).array();
  }

  /// The bytes of a number.
  static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(number).array();
  }
}
