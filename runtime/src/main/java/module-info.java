/// The JVM as a host: maps, helpers, contexts and the interpreter.
@SuppressWarnings("module") // org.ebpf4j.jit is built after this one
module org.ebpf4j.runtime {
  requires transitive org.ebpf4j.api;
  requires transitive org.ebpf4j.verifier;
  requires static org.jspecify;

  exports org.ebpf4j.runtime;
  exports org.ebpf4j.runtime.internal.engine to
      org.ebpf4j.jit;
  exports org.ebpf4j.runtime.internal.helper to
      org.ebpf4j.jit;
  exports org.ebpf4j.runtime.internal.map to
      org.ebpf4j.jit;
  exports org.ebpf4j.runtime.internal.memory to
      org.ebpf4j.jit;
  exports org.ebpf4j.runtime.internal.object to
      org.ebpf4j.jit;
  exports org.ebpf4j.runtime.internal.run to
      org.ebpf4j.jit;

  uses org.ebpf4j.runtime.internal.engine.ProgramCompiler;
}
