package org.ebpf4j;

import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// Reads the records that programs write to a ring buffer or perf event array, in the order of each
/// ring. For one thread, but any thread may close it.
///
/// It does not end with its map, whose last records may be read when the collection is closed: it
/// holds the ring's memory until it is closed.
public interface EventReader extends AutoCloseable {

  /// Waits up to `timeout` for records, hands over all that are there, and gives their number: 0
  /// when the time is up, the thread is interrupted (which it stays) or the reader closed
  /// meanwhile. A timeout of zero does not wait.
  ///
  /// What the handler throws ends this; the record that it was given counts as read.
  ///
  /// @throws MapException `EBADF` if the reader was closed before
  int poll(Duration timeout, Handler handler);

  /// Records that were lost because a ring was full, as far as the ring tells (perf rings do; ring
  /// buffers fail the program's call instead, and say 0 here).
  long lost();

  /// Ends a [#poll] that waits, and waits for one whose handler is at work; in the handler itself
  /// it ends the poll with this record.
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
