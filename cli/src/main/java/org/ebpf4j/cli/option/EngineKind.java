package org.ebpf4j.cli.option;

import org.ebpf4j.cli.output.Names;
import org.ebpf4j.runtime.Engine;

/// What executes instructions on the JVM host.
public enum EngineKind {
  /// Whatever is best.
  AUTO,
  /// The checked interpreter.
  INTERPRETER,
  /// The compiler to JVM bytecode.
  JIT;

  public Engine engine() {
    return switch (this) {
      case AUTO -> Engine.AUTO;
      case INTERPRETER -> Engine.INTERPRETER;
      case JIT -> Engine.JIT;
    };
  }

  @Override
  public String toString() {
    return Names.of(this);
  }
}
