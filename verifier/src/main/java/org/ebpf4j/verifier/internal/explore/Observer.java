package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Follows a walk step by step. A walk that nobody follows pays nothing for it.
///
/// What an observer leaves in [VerifierState#trail] goes with the state where paths part.
public interface Observer {
  /// A function is to be walked from its start, or a path to be gone on with that was put aside.
  ///
  /// @param previous the instruction that the path comes from, -1 at a function's start
  void resumes(VerifierState state, int previous, int slot);

  /// The path is before an instruction, which comes next.
  void before(VerifierState state, int slot);

  /// The instruction's rules are applied, and the path goes on.
  void after(VerifierState state, int slot, int next);

  /// The path ends at an instruction, for what is known there was found safe before.
  void covered(VerifierState state, int previous, int slot);

  /// Who follows how numbers are traced back, if anyone does.
  default Optional<PrecisionObserver> precision() {
    return Optional.empty();
  }
}
