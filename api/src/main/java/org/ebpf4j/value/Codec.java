package org.ebpf4j.value;

import java.lang.foreign.MemorySegment;

/// Turns values of a Java type into a fixed number of bytes, laid out as C does, and back.
/// Immutable and safe for use by several threads.
///
/// @param <T> the Java type
public interface Codec<T> {

  /// Bytes that every value takes.
  int size();

  /// Writes `value` to the first [#size()] bytes, padding as zeros.
  void encode(T value, MemorySegment target);

  /// Reads a value from the first [#size()] bytes.
  T decode(MemorySegment source);

  default byte[] toBytes(T value) {
    byte[] bytes = new byte[size()];
    encode(value, MemorySegment.ofArray(bytes));
    return bytes;
  }

  default T fromBytes(byte[] bytes) {
    return decode(MemorySegment.ofArray(bytes));
  }
}
