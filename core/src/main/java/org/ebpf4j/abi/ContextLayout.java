package org.ebpf4j.abi;

import java.util.List;
import java.util.Optional;

/// What a program of some type finds at the address in `R1`.
///
///      0                    size                     size + 8 * slots
///     ┌──────────────────────┬────────────────────────┐
///     │ fields as in uapi    │ one 64-bit pointer for │
///     │ headers              │ each pointer field     │
///     └──────────────────────┴────────────────────────┘
///
/// Fields of numbers are stored where the uapi struct has them, so that an access needs no
/// translation. Fields that Linux declares as `__u32` and that stand for pointers (`data`,
/// `data_end`, …) are kept as 64-bit addresses behind the struct; an access to such a field is
/// redirected there. A program sees only the first `size` bytes.
///
/// @param struct the name of the struct in uapi headers, or the application's own
/// @param size bytes that the program sees
/// @param fields by ascending offset, not overlapping
public record ContextLayout(String struct, int size, List<Field> fields) {

  public ContextLayout {
    fields = List.copyOf(fields);
  }

  /// The field that holds the byte at `offset`; bytes in no field are out of reach for programs.
  public Optional<Field> fieldAt(int offset) {
    for (Field field : fields) {
      if (offset >= field.offset() && offset < field.offset() + field.size()) {
        return Optional.of(field);
      }
    }
    return Optional.empty();
  }

  /// The field of this name.
  public Optional<Field> field(String name) {
    return fields.stream().filter(field -> field.name().equals(name)).findFirst();
  }

  /// Bytes of the struct and the pointers behind it.
  public int stateSize() {
    int pointers = 0;
    for (Field field : fields) {
      if (field.kind() != Kind.NUMBER) {
        pointers++;
      }
    }
    return ((size + 7) & ~7) + 8 * pointers;
  }

  /// Where the 64-bit address of a pointer field is kept, from the start of the context.
  public int pointerOffset(Field pointer) {
    int offset = (size + 7) & ~7;
    for (Field field : fields) {
      if (field.equals(pointer)) {
        return offset;
      }
      if (field.kind() != Kind.NUMBER) {
        offset += 8;
      }
    }
    throw new IllegalArgumentException(pointer.name() + " is no field of " + struct);
  }

  /// A field.
  ///
  /// @param name as in the uapi struct
  /// @param offset bytes from the start
  /// @param size bytes; for arrays such as `cb`, of the whole array
  /// @param kind number or pointer
  /// @param access what programs may do with it
  /// @param narrow which accesses of fewer bytes than the element has are allowed
  /// @param element bytes of the widest single access: the field's size, or that of an array's
  ///   element
  public record Field(
      String name, int offset, int size, Kind kind, Access access, Narrow narrow, int element) {}

  /// Which accesses may be narrower than an element.
  public enum Narrow {
    NONE,
    LOADS,
    ALL
  }

  /// What a field holds.
  public enum Kind {
    /// A number, stored in place.
    NUMBER,
    /// The packet's first byte.
    PACKET,
    /// One past the packet's last directly readable byte.
    PACKET_END,
    /// The first byte of the metadata before the packet.
    PACKET_META,
    /// A socket, or 0.
    SOCKET,
    /// The result of dissecting a flow (`struct bpf_flow_keys`).
    FLOW_KEYS,
    /// Some other pointer: to memory, or to a kernel object.
    POINTER
  }

  /// What programs may do with a field.
  public enum Access {
    READ,
    WRITE,
    READ_WRITE;

    public boolean reads() {
      return this != WRITE;
    }

    public boolean writes() {
      return this != READ;
    }
  }
}
