package org.ebpf4j.runtime;

/// How compiled code accesses memory that was proven good.
public enum MemoryAccess {
  /// Through one [java.lang.foreign.MemorySegment] that is the whole address space. Works
  /// everywhere.
  SEGMENT,

  /// Through `jdk.internal.misc.Unsafe`: somewhat faster. Only where `java.base` exports that
  /// package to ebpf4j, as the manifest of the command `ebpf` has it, or `--add-exports
  /// java.base/jdk.internal.misc=org.ebpf4j.jit`.
  UNSAFE
}
