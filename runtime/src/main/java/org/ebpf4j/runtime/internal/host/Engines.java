package org.ebpf4j.runtime.internal.host;

import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.runtime.internal.engine.CompilationUnit;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.engine.Execution;
import org.ebpf4j.runtime.internal.engine.ProgramCompiler;
import org.ebpf4j.runtime.internal.engine.UncompilableException;

/// Decides which engine runs a host's programs, and has them compiled.
public final class Engines {
  private final Engine engine;
  private final MemoryAccess memory;
  private final Optional<ProgramCompiler> compiler;

  /// One thread at a time, which ends when there is nothing to compile.
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          0,
          1,
          5,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> Thread.ofPlatform().name("ebpf4j-compiler").daemon().unstarted(task));

  /// @throws IllegalArgumentException if a compiler is asked for that is not there
  public Engines(Engine engine, MemoryAccess memory) {
    this.engine = engine;
    this.memory = memory;
    this.compiler = engine == Engine.INTERPRETER ? Optional.empty() : find();
    if (compiler.isEmpty() && engine == Engine.JIT) {
      throw new IllegalArgumentException(
          "there is no compiler: put the module org.ebpf4j.jit on the path, or choose Engine.AUTO");
    }
    if (memory == MemoryAccess.UNSAFE && compiler.isPresent() && !compiler.get().supports(memory)) {
      throw new IllegalArgumentException(
          "this JVM does not grant jdk.internal.misc.Unsafe: run java with --add-exports"
              + " java.base/jdk.internal.misc=org.ebpf4j.jit (ALL-UNNAMED on the class path), or"
              + " choose MemoryAccess.SEGMENT");
    }
  }

  private static Optional<ProgramCompiler> find() {
    return ServiceLoader.load(ProgramCompiler.class, ProgramCompiler.class.getClassLoader())
        .findFirst();
  }

  MemoryAccess memory() {
    return memory;
  }

  /// Gives a program that was just linked its engine.
  void prepare(CompilationUnit unit) {
    Execution execution = unit.program().execution();
    if (engine == Engine.INTERPRETER) {
      execution.stay("asked for");
    } else if (compiler.isEmpty()) {
      execution.stay("there is no compiler on the path");
    } else if (engine == Engine.JIT) {
      compile(compiler.get(), unit, false);
    } else {
      ProgramCompiler found = compiler.get();
      execution.whenWarm(() -> worker.execute(() -> compile(found, unit, true)));
    }
  }

  /// The code that the compiler makes of a program, for people.
  ///
  /// @throws IllegalStateException if there is no compiler, or none for this program
  String listing(CompilationUnit unit) {
    ProgramCompiler found =
        compiler.orElseThrow(() -> new IllegalStateException("this host has no compiler"));
    try {
      return found.listing(unit);
    } catch (UncompilableException reason) {
      throw new IllegalStateException(String.valueOf(reason.getMessage()), reason);
    }
  }

  /// @param whenFaster whether the interpreter goes on until the code has shown that it is faster
  private static void compile(ProgramCompiler compiler, CompilationUnit unit, boolean whenFaster) {
    Execution execution = unit.program().execution();
    String note = unit.facts().isPresent() ? "" : "unverified: accesses are checked";
    try {
      CompiledProgram code = compiler.compile(unit);
      if (whenFaster) {
        execution.tryOut(code, note);
      } else {
        execution.compiled(unit.program(), code, note);
      }
    } catch (UncompilableException reason) {
      execution.stay(String.valueOf(reason.getMessage()));
    }
  }

  /// Ends what is under way; programs stay in the engine that they have.
  void close() {
    worker.shutdownNow();
  }
}
