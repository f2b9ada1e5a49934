package org.ebpf4j.cli.bench;

import java.util.Optional;
import org.ebpf4j.cli.option.EngineKind;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.cli.option.MemoryKind;

/// One way to run a program, to be measured against others.
///
/// @param engine what executes instructions; on Linux, the kernel's own compiler
/// @param memory how compiled code of the JVM host accesses memory
record BenchSetting(HostKind host, EngineKind engine, Optional<MemoryKind> memory) {

  /// What tables and plots call it.
  String label() {
    return switch (host) {
      case JVM -> engine + memory.map(kind -> ", " + kind).orElse("");
      case LINUX -> "Linux";
    };
  }
}
