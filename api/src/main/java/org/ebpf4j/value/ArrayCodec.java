package org.ebpf4j.value;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Array;

/// An array of numbers, as a Java array of as many elements.
///
/// @param type the Java array's class
/// @param element an element in memory
/// @param count how many elements
record ArrayCodec<A>(Class<A> type, ValueLayout element, int count) implements Codec<A> {
  ArrayCodec {
    if (count < 1) {
      throw new IllegalArgumentException("an array has 1 or more elements, not " + count);
    }
  }

  @Override
  public int size() {
    return Math.multiplyExact(Math.toIntExact(element.byteSize()), count);
  }

  /// @throws IllegalArgumentException if `value` has another number of elements
  @Override
  public void encode(A value, MemorySegment target) {
    int given = Array.getLength(value);
    if (given != count) {
      throw new IllegalArgumentException(count + " elements wanted, " + given + " given");
    }
    MemorySegment.copy(value, 0, target, element, 0, count);
  }

  @Override
  public A decode(MemorySegment source) {
    A value = type.cast(Array.newInstance(type.getComponentType(), count));
    MemorySegment.copy(source, element, 0, value, 0, count);
    return value;
  }
}
