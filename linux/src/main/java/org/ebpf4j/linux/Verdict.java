package org.ebpf4j.linux;

import org.ebpf4j.error.Errno;

/// What the kernel's verifier says about a program.
public sealed interface Verdict {

  /// The whole log, "" if none was asked for.
  String log();

  /// It may be loaded.
  ///
  /// @param verifiedInstructions how many instructions the verifier walked through
  record Accepted(int verifiedInstructions, String log) implements Verdict {}

  /// It may not.
  ///
  /// @param errno `EPERM` and an empty log where the kernel does not load such programs at all
  /// @param reason the log's line that says why, or another one line without a log
  record Refused(Errno errno, String reason, String log) implements Verdict {}
}
