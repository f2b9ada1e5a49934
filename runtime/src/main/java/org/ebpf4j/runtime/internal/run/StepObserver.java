package org.ebpf4j.runtime.internal.run;

import org.ebpf4j.spec.ProgramSpec;

/// Looks on as the interpreter executes programs, instruction by instruction; for tests that hold
/// what a program does against what was proven of it. Where there is none, it costs nothing: an
/// observed run is one whose budget is given out in portions of one instruction.
@FunctionalInterface
public interface StepObserver {
  /// The instruction at a slot is about to be executed.
  ///
  /// @param program the program that it belongs to
  /// @param registers `R0` to `R10`; not to be kept or changed
  void before(ProgramSpec program, int slot, long[] registers, Run run);
}
