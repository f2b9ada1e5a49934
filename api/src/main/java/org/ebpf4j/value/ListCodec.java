package org.ebpf4j.value;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// An array of structs, as a list of as many elements.
///
/// @param element one of them
/// @param count how many elements
record ListCodec<T>(Codec<T> element, int count) implements Codec<List<T>> {
  ListCodec {
    if (count < 1) {
      throw new IllegalArgumentException("an array has 1 or more elements, not " + count);
    }
  }

  @Override
  public int size() {
    return Math.multiplyExact(element.size(), count);
  }

  /// @throws IllegalArgumentException if `value` has another number of elements
  @Override
  public void encode(List<T> value, MemorySegment target) {
    if (value.size() != count) {
      throw new IllegalArgumentException(count + " elements wanted, " + value.size() + " given");
    }
    for (int i = 0; i < count; i++) {
      element.encode(value.get(i), at(target, i));
    }
  }

  @Override
  public List<T> decode(MemorySegment source) {
    List<T> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      values.add(element.decode(at(source, i)));
    }
    return List.copyOf(values);
  }

  private MemorySegment at(MemorySegment array, int index) {
    return array.asSlice((long) index * element.size(), element.size());
  }
}
