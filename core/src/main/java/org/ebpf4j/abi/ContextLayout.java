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
  /// @param element bytes of the widest single access: the field's size, that of an array's
  ///   element, or more, where that may take the padding behind the field
  public record Field(
      String name, int offset, int size, Kind kind, Access access, Narrow narrow, int element) {

    /// Whether a program may access so many bytes, beginning at a byte of this field.
    ///
    /// @param at where it begins, from the start of the context
    public boolean allows(int at, int bytes, boolean store) {
      int end = offset + Math.max(size, element);
      if (at + bytes > end || bytes > element || at % bytes != 0) {
        return false;
      }
      if (store ? !access.writes() : !access.reads()) {
        return false;
      }
      boolean whole = bytes == element && (element == 8 || (at - offset) % element == 0);
      // Arrays of 32-bit words that may be accessed two at a time, such as user_ip6.
      boolean word = element == 8 && bytes == 4 && size > 8;
      return whole
          || word
          || switch (narrow) {
            case NONE -> false;
            case LOADS_AT_START -> !store && at == offset;
            case LOADS_PAST_START -> !store && at != offset;
            case LOADS_OF_HALVES -> !store && bytes * 2 == element;
            case LOADS -> !store;
            case ALL -> true;
          };
    }
  }

  /// Which accesses may be narrower than an element.
  public enum Narrow {
    NONE,
    /// Loads that begin where the field begins.
    LOADS_AT_START,
    /// Loads that do not: the first byte stands for a pointer, which is loaded whole.
    LOADS_PAST_START,
    /// Loads of half an element.
    LOADS_OF_HALVES,
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
