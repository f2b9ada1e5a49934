package org.ebpf4j.runtime.internal.map;

import java.util.Optional;

/// Where the values of an array lie, for code that has the array as a constant: the fields of a
/// record that is a constant are constants to HotSpot.
///
/// @param base the address of the value at index 0, of CPU 0
/// @param stride bytes from a value to the next
/// @param plane bytes from the values of a CPU to those of the next; 0 if there is one value for
///   all
/// @param length how many values
/// @param valueSize bytes in a value
public record ArrayGeometry(long base, long stride, long plane, int length, int valueSize) {

  /// That of a map; nothing if it is no array of values, or one that programs may not read.
  public static Optional<ArrayGeometry> of(RuntimeMap map) {
    return switch (map) {
      case ArrayMap array -> Optional.of(array.geometry());
      case PerCpuArrayMap array -> Optional.of(array.geometry());
      default -> Optional.empty();
    };
  }

  /// The address of a value, or 0 if the index, unsigned, is out of range.
  public long lookup(int index, int cpu) {
    return Integer.compareUnsigned(index, length) < 0 ? base + index * stride + cpu * plane : 0;
  }

  /// Whether an access lies in a value of a CPU.
  public boolean holds(long address, int size, int cpu) {
    long distance = address - base - cpu * plane;
    return Long.compareUnsigned(distance, Integer.toUnsignedLong(length) * stride) < 0
        && (length == 1 ? distance : distance % stride) + size <= valueSize;
  }
}
