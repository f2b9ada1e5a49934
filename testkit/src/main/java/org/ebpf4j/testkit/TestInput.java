package org.ebpf4j.testkit;

import org.ebpf4j.RunInput;

/// What a run of a generated program is given.
///
/// @param packet bytes; none for types without a packet
/// @param context the context as far as it is given; none where all is zero
public record TestInput(byte[] packet, byte[] context) {

  /// The same for a program's run.
  public RunInput toRunInput() {
    return new RunInput(packet, context, 1);
  }
}
