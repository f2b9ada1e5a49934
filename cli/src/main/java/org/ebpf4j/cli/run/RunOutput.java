package org.ebpf4j.cli.run;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.spec.ProgramSpec;

/// What becomes of a run's results: text for people or JSON for programs.
interface RunOutput extends AutoCloseable {

  /// A packet was run.
  ///
  /// @param after the packet as the program left it
  void packet(
      long index, long result, String verdict, MemorySegment after, Optional<ProgramFault> fault);

  /// A program that takes no packets was run.
  ///
  /// @param before the context that it was given
  /// @param after the context as the program left it
  void context(long index, long result, String verdict, byte[] before, byte[] after);

  /// A program wrote a record to a ring buffer or perf event array.
  ///
  /// @param cpu the CPU, -1 for ring buffers
  void event(String map, int cpu, MemorySegment record);

  /// A program wrote a line with `bpf_printk`.
  void printed(String line);

  /// Something that people should know about what they see.
  void note(String line);

  /// The run is over.
  ///
  /// @param iterated what iterators wrote after it
  /// @param stopped why it ended before the capture did
  void end(
      ProgramSpec program,
      RunCounters counters,
      LoadedCollection collection,
      List<Iteration.Text> iterated,
      Optional<EbpfException> stopped);

  /// Lets go of what waited for the end.
  @Override
  void close();
}
