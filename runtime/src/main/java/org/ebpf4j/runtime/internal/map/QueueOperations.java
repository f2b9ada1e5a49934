package org.ebpf4j.runtime.internal.map;

/// What `bpf_map_push_elem`, `bpf_map_pop_elem` and `bpf_map_peek_elem` do: maps without keys.
public interface QueueOperations {

  /// Adds a value; 0 or a negated errno.
  ///
  /// @param value address of `valueSize` bytes
  /// @param flags `BPF_ANY`; for queues and stacks also `BPF_EXIST`: drop the oldest if full
  int push(long value, long flags);

  /// Takes a value out; 0 or a negated errno.
  ///
  /// @param to room for `valueSize` bytes, zeroed if there is no value
  int pop(long to);

  /// Copies out the value that [#pop] would give; for bloom filters, asks whether the value at the
  /// address may be in it. 0 or a negated errno.
  int peek(long to);
}
