/// What users of ebpf4j hold: hosts, loaded collections, programs, maps, links, events and errors.
module org.ebpf4j.api {
  requires transitive org.ebpf4j.core;
  requires static org.jspecify;

  exports org.ebpf4j;
  exports org.ebpf4j.value;
}
