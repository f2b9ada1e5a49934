package org.ebpf4j;

import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// Reads the records that programs write to a ring buffer or perf event array, in the order of each
/// ring. For one thread.
public interface EventReader extends AutoCloseable {

  /// Waits up to `timeout` for records, hands over all that are there, and gives their number: 0
  /// when the time is up. A timeout of zero does not wait.
  int poll(Duration timeout, Handler handler);

  /// Records that were lost because a ring was full, as far as the ring tells (perf rings do; ring
  /// buffers fail the program's call instead, and say 0 here).
  long lost();

  @Override
  void close();

  /// What to do with a record.
  @FunctionalInterface
  interface Handler {
    /// @param record the bytes, in place: valid only until this method returns, and on this thread
    /// @param cpu the CPU whose ring it comes from; -1 for ring buffers, which all CPUs share
    void event(MemorySegment record, int cpu);
  }
}
