package org.ebpf4j.cli;

/// What executes instructions on the JVM host.
enum EngineKind {
  /// Whatever is best.
  AUTO,
  /// The checked interpreter.
  INTERPRETER,
  /// The compiler to machine code.
  JIT;

  @Override
  public String toString() {
    return Names.of(this);
  }
}
