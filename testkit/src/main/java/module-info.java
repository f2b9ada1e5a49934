/// Programs, inputs and reproducers made from seeds, for tests.
module org.ebpf4j.testkit {
  requires transitive org.ebpf4j.core;
  requires transitive org.ebpf4j.api;
  requires static org.jspecify;

  exports org.ebpf4j.testkit;
}
