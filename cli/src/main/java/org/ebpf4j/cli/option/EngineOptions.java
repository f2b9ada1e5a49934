package org.ebpf4j.cli.option;

import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.runtime.JvmHost;
import picocli.CommandLine.Option;

/// How programs run on the JVM host: options that several commands have.
public final class EngineOptions {
  @Option(
      names = "--engine",
      paramLabel = "auto|jit|interpreter",
      description = {
        "What executes instructions on the JVM host: the interpreter, the compiler, or auto",
        "(default): the interpreter until compiling is worth it."
      })
  private EngineKind engine = EngineKind.AUTO;

  @Option(
      names = "--memory",
      paramLabel = "segment|unsafe",
      description = "How compiled code accesses memory (JVM only); default: segment.")
  private MemoryKind memory = MemoryKind.SEGMENT;

  /// Whether nothing was asked for.
  public boolean areDefaults() {
    return engine == EngineKind.AUTO && memory == MemoryKind.SEGMENT;
  }

  /// A host as described.
  public JvmHost build(JvmHost.Builder builder) {
    try {
      return builder.engine(engine.engine()).memoryAccess(memory.access()).build();
    } catch (IllegalArgumentException missing) {
      throw new CommandException(String.valueOf(missing.getMessage()), missing);
    }
  }
}
