package org.ebpf4j.jit.internal.memory;

import org.ebpf4j.runtime.MemoryAccess;

/// The ways in which the code of one program accesses memory.
///
/// @param checked held against the regions of the run
/// @param untrusted the same, but loads from outside give 0
/// @param plain proven, of this thread alone
/// @param shared proven and aligned, of several threads
/// @param any proven, and nothing else known
/// @param cost about how many bytes of code a raw access is worth to HotSpot, its own and what is
///   drawn in
public record MemoryEmitters(
    MemoryEmitter checked,
    MemoryEmitter untrusted,
    MemoryEmitter plain,
    MemoryEmitter shared,
    MemoryEmitter any,
    int cost) {

  /// What has accesses as calls, where that matters to HotSpot.
  public static MemoryEmitters ofCalls(MemoryAccess access, Constants constants) {
    return of(access, true, constants);
  }

  /// What writes accesses out.
  public static MemoryEmitters ofDrawnIn(MemoryAccess access, Constants constants) {
    return of(access, false, constants);
  }

  private static MemoryEmitters of(MemoryAccess access, boolean called, Constants constants) {
    MemoryEmitter shared = raw(access, true, called, constants);
    return new MemoryEmitters(
        CheckedAccesses.faulting(),
        CheckedAccesses.loadingZero(),
        raw(access, false, called, constants),
        shared,
        new AnyMemory(shared),
        cost(access));
  }

  private static MemoryEmitter raw(
      MemoryAccess access, boolean shared, boolean called, Constants constants) {
    return switch (access) {
      case SEGMENT -> new SegmentMemory(shared, called, constants);
      case UNSAFE -> new UnsafeMemory(shared);
    };
  }

  /// C2 draws nothing more into a method once it has made 18,000 nodes (`NodeCountInliningCutoff`),
  /// and an access through a segment takes some 400 at first. What is left out is a call each time.
  private static int cost(MemoryAccess access) {
    return switch (access) {
      case SEGMENT -> 80;
      case UNSAFE -> 40;
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
