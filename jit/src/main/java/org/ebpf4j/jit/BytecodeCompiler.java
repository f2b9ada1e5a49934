package org.ebpf4j.jit;

import org.ebpf4j.jit.internal.emit.ProgramEmitter;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.runtime.internal.engine.CompilationUnit;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.engine.ProgramCompiler;
import org.ebpf4j.runtime.internal.engine.UncompilableException;

/// Compiles programs to JVM bytecode, of which HotSpot makes machine code.
public final class BytecodeCompiler implements ProgramCompiler {
  @Override
  public CompiledProgram compile(CompilationUnit unit) throws UncompilableException {
    return new ProgramEmitter(unit).define();
  }

  @Override
  public String listing(CompilationUnit unit) throws UncompilableException {
    return new ProgramEmitter(unit).listing();
  }

  @Override
  public boolean supports(MemoryAccess memory) {
    return MemoryEmitters.supports(memory);
  }
}
