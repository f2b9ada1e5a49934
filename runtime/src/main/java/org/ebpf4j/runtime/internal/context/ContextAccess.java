package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ContextLayout.Field;
import org.ebpf4j.abi.ContextLayout.Kind;

/// A layout made ready for checking accesses: for each byte, which sizes of access may begin there.
///
///      bit   7        4 3        0
///           ┌──────────┬──────────┐
///           │ stores   │ loads    │  of 8, 4, 2 and 1 bytes, the highest bit first
///           └──────────┴──────────┘
final class ContextAccess {
  private final byte[] rights;

  /// Where the 64-bit pointer is kept, for the first byte of a pointer field; else 0.
  private final int[] pointers;

  ContextAccess(ContextLayout layout) {
    rights = new byte[layout.size()];
    pointers = new int[layout.size()];
    for (Field field : layout.fields()) {
      if (field.kind() == Kind.NUMBER) {
        number(field);
      } else {
        pointers[field.offset()] = layout.pointerOffset(field);
        pointer(field);
      }
    }
  }

  boolean loads(int offset, int size) {
    return (rights[offset] & size) != 0;
  }

  boolean stores(int offset, int size) {
    return (rights[offset] >> 4 & size) != 0;
  }

  /// Where, from the context's start, the value of an access at `offset` lies.
  int pointer(int offset) {
    return pointers[offset];
  }

  private void number(Field field) {
    for (int offset = field.offset(); offset < field.offset() + field.size(); offset++) {
      for (int size = 1; size <= Long.BYTES; size *= 2) {
        if (field.allows(offset, size, false)) {
          rights[offset] |= (byte) size;
        }
        if (field.allows(offset, size, true)) {
          rights[offset] |= (byte) (size << 4);
        }
      }
    }
  }

  private void pointer(Field field) {
    if (field.access().reads()) {
      rights[field.offset()] |= (byte) field.size();
    }
    if (field.access().writes()) {
      rights[field.offset()] |= (byte) (field.size() << 4);
    }
  }
}
