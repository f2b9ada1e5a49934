package org.ebpf4j.cli.option;

import org.ebpf4j.cli.output.Names;

/// Where programs run.
public enum HostKind {
  /// In this process, on any system, without root.
  JVM,
  /// In the running kernel, through `BPF_PROG_TEST_RUN`.
  LINUX;

  @Override
  public String toString() {
    return Names.of(this);
  }
}
