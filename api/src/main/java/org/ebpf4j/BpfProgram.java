package org.ebpf4j;

import java.io.InputStream;
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
  /// @throws IllegalStateException if its collection is closed
  RunResult run(RunInput input);

  /// A runner for one thread that runs the program often.
  ///
  /// @throws IllegalStateException if its collection is closed
  Runner runner();

  /// Runs an iterator (`SEC("iter/...")`): its program is called for each thing that it visits, and
  /// once more with none at the end, and what it writes (`bpf_seq_printf`, `bpf_seq_write`) is what
  /// is read here. The program runs as the reader reads, and can fail as it does.
  ///
  /// A read fails with `EAGAIN`, as a [RunException], when the program returned 1, by which it asks
  /// to be shown the same thing again: by the next read. It fails with `E2BIG` when the program
  /// wrote more than 32 KiB for one thing.
  ///
  /// @return the text; closing it ends the iteration
  /// @throws RunException `EINVAL` if the program is no iterator or does not visit that, `ENOTSUPP`
  ///   if the host has nothing such, `EACCES` (Linux; in the JVM host, the run faults) if a map's
  ///   keys or values are smaller than what the program accesses
  /// @throws IllegalStateException if its collection is closed
  InputStream iterate(IteratorTarget target);

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
