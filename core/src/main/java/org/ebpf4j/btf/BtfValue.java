package org.ebpf4j.btf;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/// A value of a BTF type, decoded: what a map's key or value, an event or a global variable holds.
///
/// [BtfValueCodec] makes values of bytes and bytes of values.
public sealed interface BtfValue {

  /// An integer, of up to 16 bytes, or a bit-field.
  record Numeric(BigInteger value) implements BtfValue {
    public static Numeric of(long value) {
      return new Numeric(BigInteger.valueOf(value));
    }
  }

  /// A floating-point number of 4 or 8 bytes.
  record Real(double value) implements BtfValue {}

  /// A `_Bool`.
  record Truth(boolean value) implements BtfValue {}

  /// A `char`, from 0 to 255.
  record Letter(int code) implements BtfValue {}

  /// An array of `char` that holds text up to its first zero, and zeros from there on.
  record Text(String text) implements BtfValue {}

  /// A pointer; what it points to is not followed.
  record Address(long value) implements BtfValue {}

  /// A value of an enumeration, with the enumerator's name where there is one for it.
  record Constant(Optional<String> name, long value) implements BtfValue {}

  /// A struct, a union, or the variables of a section. The fields of a union all show the same
  /// bytes; to encode one, give one field.
  record Structure(List<Field> fields) implements BtfValue {
    public Structure {
      fields = List.copyOf(fields);
    }

    /// The value of the field with this name, also inside of fields without a name.
    public Optional<BtfValue> field(String name) {
      for (Field field : fields) {
        if (field.name().equals(name)) {
          return Optional.of(field.value());
        }
        if (field.name().isEmpty() && field.value() instanceof Structure inner) {
          Optional<BtfValue> found = inner.field(name);
          if (found.isPresent()) {
            return found;
          }
        }
      }
      return Optional.empty();
    }
  }

  /// A field of a structure; the name is "" for anonymous structs and unions.
  record Field(String name, BtfValue value) {}

  /// The elements of an array.
  record Sequence(List<BtfValue> elements) implements BtfValue {
    public Sequence {
      elements = List.copyOf(elements);
    }
  }

  /// Bytes of a type that has no other form here, such as a floating-point number of 16 bytes.
  record Opaque(List<Byte> bytes) implements BtfValue {
    public Opaque {
      bytes = List.copyOf(bytes);
    }
  }

  /// As JSON on one line.
  default String toJson() {
    return BtfValueJson.write(this, false);
  }

  /// As JSON, a field or element a line.
  default String toIndentedJson() {
    return BtfValueJson.write(this, true);
  }
}
