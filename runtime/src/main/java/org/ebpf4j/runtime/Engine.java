package org.ebpf4j.runtime;

/// What executes the instructions of programs.
public enum Engine {
  /// Programs begin in the interpreter. Those that turn out to be worth it are compiled meanwhile
  /// and change over between runs.
  AUTO,

  /// Programs are compiled when they are loaded.
  JIT,

  /// Programs are interpreted, each access checked.
  INTERPRETER
}
