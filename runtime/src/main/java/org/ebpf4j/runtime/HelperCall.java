package org.ebpf4j.runtime;

import java.lang.foreign.MemorySegment;

/// What a [HelperFunction] may ask about the run that calls it.
public interface HelperCall {

  /// The virtual CPU of the run.
  int cpu();

  /// Memory that the program passed by address. The address must be an argument whose prototype
  /// says that it points at memory.
  ///
  /// It is read-only, unless the prototype says that the helper writes there
  /// ([org.ebpf4j.abi.Argument.Flag#WRITABLE], or `UNINITIALIZED`), and then no longer than what
  /// the program passed. The segment is for the calling thread, and ends with the run; one to write
  /// to ends with the call.
  ///
  /// @throws IllegalArgumentException if the run may not read all of it
  /// @throws IllegalStateException if the helper's call is over, or on another thread
  MemorySegment memory(long address, int size);
}
