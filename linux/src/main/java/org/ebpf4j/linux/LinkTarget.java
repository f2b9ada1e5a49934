package org.ebpf4j.linux;

import java.nio.file.Path;

/// What a program is attached to by a link.
public sealed interface LinkTarget {

  /// What the program was tied to when it was loaded: a function, a tracepoint with types, a
  /// security hook, an iterator's kind.
  record Loaded() implements LinkTarget {}

  /// A tracepoint whose arguments come as they are.
  ///
  /// @param name such as `sched_switch`
  record RawTracepoint(String name) implements LinkTarget {}

  /// A control group of version 2.
  ///
  /// @param folder where it is, such as `/sys/fs/cgroup/unified/mine`
  record ControlGroup(Path folder) implements LinkTarget {}

  /// A network namespace, for socket lookup and flow dissectors.
  ///
  /// @param file such as `/run/netns/mine`
  record NetworkNamespace(Path file) implements LinkTarget {}

  /// A network interface, for XDP and TCX.
  ///
  /// @param index its number in this network namespace
  record Interface(int index) implements LinkTarget {}
}
