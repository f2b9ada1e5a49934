package org.ebpf4j.conformance.fuzz;

/// Something that must not be, found with one generated program.
///
/// @param kind what sort of thing
/// @param seed what the program was generated from
/// @param detail what happened, in a line
public record Finding(Kind kind, long seed, String detail) {

  /// Sorts of findings.
  public enum Kind {
    /// The verifier, the loader or an engine threw something other than its own errors.
    CRASH,
    /// An accepted program did what no program may.
    UNSOUND,
    /// Linux says something else of the program.
    OTHER_VERDICT,
    /// Linux or another engine computes something else.
    OTHER_RESULT,
    /// The verdict took longer than it may.
    SLOW
  }

  @Override
  public String toString() {
    return "%s seed %d: %s".formatted(kind, seed, detail);
  }
}
