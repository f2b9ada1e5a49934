/// The JVM as a host: maps, helpers, contexts and the interpreter.
module org.ebpf4j.runtime {
  requires transitive org.ebpf4j.api;
  requires static org.jspecify;

  exports org.ebpf4j.runtime;
}
