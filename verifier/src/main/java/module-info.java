/// Proves that a program of a spec can neither crash, hang nor leak, or says why not.
module org.ebpf4j.verifier {
  requires transitive org.ebpf4j.core;
  requires static org.jspecify;

  exports org.ebpf4j.verifier;
}
