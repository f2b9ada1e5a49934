package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Memory;

/// Rows of per-CPU values as users see them: one value for each CPU, each rounded up to 8 bytes.
final class PerCpuRows {
  private PerCpuRows() {}

  /// Where a CPU's value lies.
  @FunctionalInterface
  interface Row {
    long at(int cpu);
  }

  static void copyOut(ValueCopier values, int stride, int cpus, Row row, long to) {
    for (int cpu = 0; cpu < cpus; cpu++) {
      long target = to + (long) cpu * stride;
      Memory.putLong(target + stride - Long.BYTES, 0);
      values.copyOut(row.at(cpu), target, false);
    }
  }
}
