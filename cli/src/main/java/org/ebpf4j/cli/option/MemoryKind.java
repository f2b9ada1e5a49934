package org.ebpf4j.cli.option;

import org.ebpf4j.cli.output.Names;
import org.ebpf4j.runtime.MemoryAccess;

/// How compiled code on the JVM host accesses memory.
public enum MemoryKind {
  /// Through one segment that is the whole address space.
  SEGMENT,
  /// Through `jdk.internal.misc.Unsafe`.
  UNSAFE;

  public MemoryAccess access() {
    return switch (this) {
      case SEGMENT -> MemoryAccess.SEGMENT;
      case UNSAFE -> MemoryAccess.UNSAFE;
    };
  }

  @Override
  public String toString() {
    return Names.of(this);
  }
}
