package org.ebpf4j.runtime.internal.map;

/// Memory that programs point at and that holds special fields: map values, and objects that
/// programs allocate.
public interface FieldHolder {

  /// What in each value, or in the object, is more than bytes.
  SpecialFields fields();

  /// Where in its value or object an address lies, in bytes from the start; -1 if in none.
  long offsetOf(long address);

  /// Whether a special field of this kind begins at an address.
  default boolean hasAt(long address, SpecialFields.Kind kind) {
    long offset = offsetOf(address);
    return offset >= 0 && fields().at(offset, kind);
  }
}
