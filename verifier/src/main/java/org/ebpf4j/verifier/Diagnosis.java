package org.ebpf4j.verifier;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.isa.SourceLine;

/// Why a program was refused.
///
/// @param message the reason, in the Linux kernel's words where it has some
/// @param slot the instruction at fault, counted in slots of 8 bytes from the program's start
/// @param source the line it comes from, if the object says
/// @param path the branches that lead there, in order
/// @param registers what was known of each initialised register before the instruction, such as
///   `R1=ctx`
public record Diagnosis(
    String message,
    int slot,
    Optional<SourceLine> source,
    List<Branch> path,
    List<String> registers) {

  public Diagnosis {
    path = List.copyOf(path);
    registers = List.copyOf(registers);
  }

  /// A conditional jump on the way.
  ///
  /// @param slot where it is
  /// @param taken whether it jumped
  /// @param source the line it comes from, if the object says
  public record Branch(int slot, boolean taken, Optional<SourceLine> source) {}

  /// Location, message and registers, a line each.
  @Override
  public String toString() {
    String at = source.map(line -> line.location() + ": ").orElse("");
    return "%sinstruction %d: %s".formatted(at, slot, message);
  }
}
