module org.ebpf4j.api {
  requires transitive org.ebpf4j.core;
}
