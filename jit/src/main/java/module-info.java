/// Compiles programs to JVM bytecode. The only code that trusts what the verifier found.
module org.ebpf4j.jit {
  requires org.ebpf4j.runtime;
  requires static org.jspecify;

  provides org.ebpf4j.runtime.internal.engine.ProgramCompiler with
      org.ebpf4j.jit.BytecodeCompiler;
}
