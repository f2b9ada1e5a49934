package org.ebpf4j.runtime.internal.run;

/// Something that a run holds and that must not outlive it.
public interface Held {

  /// The address that the program knows it by.
  long address();

  /// Gives it up, because the run ended while it was held.
  void release(Run run);
}
