package org.ebpf4j.cli.verify;

/// How `ebpf verify` tells its verdicts.
interface VerifyReport {
  /// Takes a verdict, in the order of objects and programs.
  void add(Judged judged);

  /// After the last verdict.
  void end();
}
