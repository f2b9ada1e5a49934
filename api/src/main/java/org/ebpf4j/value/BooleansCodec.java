package org.ebpf4j.value;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// An array of `_Bool`, as a Java array of as many elements.
///
/// @param size how many elements, a byte each
record BooleansCodec(int size) implements Codec<boolean[]> {
  BooleansCodec {
    if (size < 1) {
      throw new IllegalArgumentException("an array has 1 or more elements, not " + size);
    }
  }

  /// @throws IllegalArgumentException if `value` has another number of elements
  @Override
  public void encode(boolean[] value, MemorySegment target) {
    if (value.length != size) {
      throw new IllegalArgumentException(size + " elements wanted, " + value.length + " given");
    }
    for (int i = 0; i < size; i++) {
      target.set(ValueLayout.JAVA_BYTE, i, (byte) (value[i] ? 1 : 0));
    }
  }

  @Override
  public boolean[] decode(MemorySegment source) {
    boolean[] value = new boolean[size];
    for (int i = 0; i < size; i++) {
      value[i] = source.get(ValueLayout.JAVA_BYTE, i) != 0;
    }
    return value;
  }
}
