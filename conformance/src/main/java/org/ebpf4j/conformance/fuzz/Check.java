package org.ebpf4j.conformance.fuzz;

import org.ebpf4j.testkit.TestProgram;

/// Something that must hold of every generated program. For one thread.
public interface Check extends AutoCloseable {

  /// Checks one program; what is found, and what was seen, goes into the tally.
  void check(TestProgram program, Tally tally);

  @Override
  void close();
}
