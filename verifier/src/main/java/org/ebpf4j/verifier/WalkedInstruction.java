package org.ebpf4j.verifier;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.isa.SourceLine;

/// An instruction of a program, with what the walk knew whenever it came by.
///
/// @param slot where it is
/// @param instruction as the kernel's log prints it
/// @param source the line it comes from, if the object says
/// @param visits how often a path came by; 0 for what no path needs or reaches
/// @param states what was known before it, of each path another one, of many the first few:
///   `R1=ctx() R10=fp0`
public record WalkedInstruction(
    int slot, String instruction, Optional<SourceLine> source, long visits, List<String> states) {
  public WalkedInstruction {
    states = List.copyOf(states);
  }
}
