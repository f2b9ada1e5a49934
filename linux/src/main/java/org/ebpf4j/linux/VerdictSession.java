package org.ebpf4j.linux;

/// Asks the kernel's verifier about the programs of one collection, whose types and maps are in the
/// kernel meanwhile. For one thread.
public interface VerdictSession extends AutoCloseable {

  /// What the verifier says about a program. It is loaded alone and unloaded again.
  ///
  /// @param loadFlags `BPF_F_…` of `BPF_PROG_LOAD`, added to what its section asks for
  /// @param logLevel 1 for what leads to a refusal, 2 for every step, 4 for statistics only
  /// @throws org.ebpf4j.LoadException if the program cannot even be put together: there is none of
  ///   this name, its section means nothing to Linux, an extern is not there
  Verdict verdict(String program, int loadFlags, int logLevel);

  @Override
  void close();
}
