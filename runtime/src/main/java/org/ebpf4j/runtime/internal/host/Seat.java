package org.ebpf4j.runtime.internal.host;

import org.jspecify.annotations.Nullable;

/// Where one caller runs programs: the CPU it prefers, and the lease of one once it has run often
/// enough. Used by one thread at a time.
final class Seat {
  private int preferred;
  private int streak;
  private @Nullable CpuLease lease;

  /// @param preferred the CPU to try first
  Seat(int preferred) {
    this.preferred = preferred;
  }

  int preferred() {
    return preferred;
  }

  @Nullable CpuLease lease() {
    return lease;
  }

  void use(CpuLease found) {
    lease = found;
    streak = 0;
  }

  /// From now on another CPU is preferred, and whatever was leased belongs to somebody else.
  void move(int cpu) {
    lease = null;
    streak = preferred == cpu ? streak : 0;
    preferred = cpu;
  }

  /// Counts a run on the preferred CPU, and gives how many there were one after another.
  int count() {
    return ++streak;
  }

  /// Another thread takes the seat.
  void vacate() {
    lease = null;
    streak = 0;
  }
}
