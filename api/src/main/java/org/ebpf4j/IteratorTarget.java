package org.ebpf4j;

/// What an iterator (`SEC("iter/...")`) is to visit; see [BpfProgram#iterate].
public sealed interface IteratorTarget {

  /// All that its kind visits: the host's maps (`iter/bpf_map`), programs (`iter/bpf_prog`),
  /// threads (`iter/task`).
  record All() implements IteratorTarget {}

  /// The elements of a map (`iter/bpf_map_elem`).
  record Elements(BpfMap map) implements IteratorTarget {}

  /// One thread (`iter/task`).
  ///
  /// @param number its number, as `bpf_get_current_pid_tgid` gives it in the lower 32 bits
  record OneThread(int number) implements IteratorTarget {}

  /// The threads of one process (`iter/task`).
  ///
  /// @param number the process's number
  record OneProcess(int number) implements IteratorTarget {}

  /// All that its kind visits.
  static IteratorTarget all() {
    return new All();
  }

  /// The elements of a map.
  static IteratorTarget elementsOf(BpfMap map) {
    return new Elements(map);
  }
}
