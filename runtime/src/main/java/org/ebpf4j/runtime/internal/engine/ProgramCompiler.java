package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.runtime.MemoryAccess;

/// A compiler, found by [java.util.ServiceLoader]: the module `jit`.
public interface ProgramCompiler {

  /// Compiles a program for runs of any host.
  ///
  /// @throws UncompilableException if the program is one that stays in the interpreter
  CompiledProgram compile(CompilationUnit unit) throws UncompilableException;

  /// The code that [#compile] makes, for people.
  ///
  /// @throws UncompilableException as above
  String listing(CompilationUnit unit) throws UncompilableException;

  /// Whether code of this JVM may access memory this way.
  boolean supports(MemoryAccess memory);
}
