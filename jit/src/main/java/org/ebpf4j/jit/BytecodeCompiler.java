package org.ebpf4j.jit;

import java.lang.classfile.ClassFile;
import org.ebpf4j.jit.internal.emit.ProgramEmitter;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.runtime.internal.engine.CompilationUnit;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.engine.ProgramCompiler;
import org.ebpf4j.runtime.internal.engine.UncompilableException;

/// Compiles programs to JVM bytecode, of which HotSpot makes machine code.
public final class BytecodeCompiler implements ProgramCompiler {
  /// Longer programs would make methods that HotSpot does not compile.
  private static final int MOST_INSTRUCTIONS = 1000;

  @Override
  public CompiledProgram compile(CompilationUnit unit) throws UncompilableException {
    check(unit);
    return new ProgramEmitter(unit).define();
  }

  @Override
  public String listing(CompilationUnit unit) throws UncompilableException {
    check(unit);
    return ClassFile.of().parse(new ProgramEmitter(unit).bytes()).toDebugString();
  }

  private static void check(CompilationUnit unit) throws UncompilableException {
    int size = unit.program().bytecode().size();
    if (size > MOST_INSTRUCTIONS) {
      throw new UncompilableException(
          "programs of more than %d instructions are not compiled yet, and this one has %d"
              .formatted(MOST_INSTRUCTIONS, size));
    }
  }

  @Override
  public boolean supports(MemoryAccess memory) {
    return MemoryEmitters.supports(memory);
  }
}
