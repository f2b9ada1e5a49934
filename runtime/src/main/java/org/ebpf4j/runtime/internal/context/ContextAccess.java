package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ContextLayout.Field;
import org.ebpf4j.abi.ContextLayout.Kind;
import org.ebpf4j.abi.ContextLayout.Narrow;

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
        allow(field, field.offset(), field.size());
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
    int end = field.offset() + field.size();
    for (int size = 1; size <= Math.min(field.element(), Long.BYTES); size *= 2) {
      // Arrays of 32-bit words that may be accessed two at a time, such as user_ip6.
      boolean word = size == Integer.BYTES && field.size() > field.element();
      boolean whole = size == field.element() || word;
      int first = (field.offset() + size - 1) / size * size;
      for (int offset = first; offset + size <= end; offset += size) {
        if (whole) {
          allow(field, offset, size);
        } else if (field.narrow() != Narrow.NONE) {
          allowLoad(field, offset, size);
          if (field.narrow() == Narrow.ALL) {
            allowStore(field, offset, size);
          }
        }
      }
    }
  }

  private void allow(Field field, int offset, int size) {
    allowLoad(field, offset, size);
    allowStore(field, offset, size);
  }

  private void allowLoad(Field field, int offset, int size) {
    if (field.access().reads()) {
      rights[offset] |= (byte) size;
    }
  }

  private void allowStore(Field field, int offset, int size) {
    if (field.access().writes()) {
      rights[offset] |= (byte) (size << 4);
    }
  }
}
