package org.ebpf4j.jit.internal.memory;

import org.ebpf4j.runtime.MemoryAccess;

/// The ways in which the code of one program accesses memory.
///
/// @param checked held against the regions of the run
/// @param plain proven, of this thread alone
/// @param shared proven and aligned, of several threads
/// @param any proven, and nothing else known
public record MemoryEmitters(
    MemoryEmitter checked, MemoryEmitter plain, MemoryEmitter shared, MemoryEmitter any) {

  public static MemoryEmitters of(MemoryAccess access, Constants constants) {
    MemoryEmitter shared = raw(access, true, constants);
    return new MemoryEmitters(
        new CheckedMemory(), raw(access, false, constants), shared, new AnyMemory(shared));
  }

  private static MemoryEmitter raw(MemoryAccess access, boolean shared, Constants constants) {
    return switch (access) {
      case SEGMENT -> new SegmentMemory(shared, constants);
      case UNSAFE -> new UnsafeMemory(shared);
    };
  }

  /// Whether this JVM has this way.
  public static boolean supports(MemoryAccess access) {
    return switch (access) {
      case SEGMENT -> true;
      case UNSAFE -> UnsafeMemory.granted();
    };
  }
}
