package org.ebpf4j.runtime;

import org.ebpf4j.BpfProgram;
import org.ebpf4j.Link;

/// A place in an application where programs of its own type run. Safe for use by several threads.
///
/// @param <C> what programs are given
public interface Hook<C extends Record> {

  /// Attaches a program, after those that are attached already.
  ///
  /// @throws org.ebpf4j.LoadException if it is of another type or another host
  Link attach(BpfProgram program);

  /// Runs the attached programs in order until one returns something other than `pass`, and gives
  /// what the last one returned; `pass` if there is none.
  ///
  /// @throws org.ebpf4j.ProgramFault if a program faulted
  long fire(C context, long pass);
}
