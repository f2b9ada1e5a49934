package org.ebpf4j.runtime.internal.map;

/// Where the values of per-CPU hashes lie: those of a CPU side by side, by the index of the element
/// that they belong to. All of it is constant to HotSpot where the record is.
///
/// @param base the address of the first value of CPU 0, if one chunk holds all; else 0
/// @param plane bytes from the values of a CPU to those of the next
/// @param stride bytes from a value to the next; 0 if each element has one value, beside its key
record ValuePlanes(ElementPool pool, long base, long plane, long stride) {

  /// Whether each CPU has a value of its own.
  boolean perCpu() {
    return stride != 0;
  }

  /// The address of a value.
  long value(int index, int cpu) {
    return base != 0 ? base + cpu * plane + index * stride : pool.plane(index, cpu);
  }
}
