package org.ebpf4j.runtime.internal.map;

/// Takes copies of elements as users see them.
@FunctionalInterface
public interface RowSink {

  /// @param key address of the key, good during the call
  /// @param value address of the value's copy, good during the call
  void row(long key, long value);
}
