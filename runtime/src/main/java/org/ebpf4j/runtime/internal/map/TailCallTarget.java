package org.ebpf4j.runtime.internal.map;

/// A program as a program array holds it.
public interface TailCallTarget {

  /// Its number in the host, which a user's lookup gives.
  int id();

  /// Whether it is of the host whose maps these are.
  boolean belongsTo(MapRegistry maps);

  /// Whether this program and another may share a program array: same program type, same shape of
  /// attachment (`__bpf_prog_map_compatible` in Linux 6.18's `kernel/bpf/core.c`).
  boolean sharesArrayWith(TailCallTarget other);

  /// Keeps it loaded while an array holds it; `false` if its user has closed it.
  boolean retain();

  /// Ends what [#retain] began. Runs under way may still use it.
  void release();
}
