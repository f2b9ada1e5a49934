package org.ebpf4j.conformance.sources;

import org.ebpf4j.testkit.Chance;

/// Writes programs in C.
interface Sources {
  /// A program, with the functions that go before it.
  ///
  /// @param name its name, which no other program of the object has
  String program(Chance chance, String name);
}
