package org.ebpf4j;

import org.ebpf4j.spec.ProgramSpec;

/// A loaded program. It lives as long as its collection.
public interface BpfProgram {

  default String name() {
    return spec().name();
  }

  /// What it was loaded from.
  ProgramSpec spec();

  /// Runs it once, as `BPF_PROG_TEST_RUN` does: no hook is involved.
  ///
  /// @throws ProgramFault if the program did what it may not, or used up its instruction budget
  /// @throws RunException if the program type takes no such input
  RunResult run(RunInput input);

  /// A runner for one thread that runs the program often.
  Runner runner();

  /// What executes its instructions now. The JVM host may change over to compiled code between
  /// runs.
  Execution execution();

  /// How often it ran and for how long; counted while the host keeps statistics.
  Statistics statistics();

  /// @param engine `interpreter`, `jit`, or `linux`
  /// @param note something about it for people, such as why there is no compiled code; may be empty
  record Execution(String engine, String note) {}

  /// @param runs completed runs
  /// @param nanoseconds time spent in them, 0 when the host does not measure
  /// @param misses runs left out because the program was already running on that CPU
  record Statistics(long runs, long nanoseconds, long misses) {}
}
