package org.ebpf4j.runtime.internal.engine;

/// What a compiler makes of a program.
public interface CompiledProgram {

  /// Whether each access is checked, as for programs that were not proven.
  boolean checked();

  /// Runs a function of the program to its end and gives `R0`. Tail calls are part of it.
  ///
  /// @param entry the slot at which the function begins
  /// @param framePointer the upper end of the function's frame
  /// @throws org.ebpf4j.runtime.internal.run.Fault after the run was told where it is
  long run(CheckedRun run, int entry, long a, long b, long c, long d, long e, long framePointer);
}
