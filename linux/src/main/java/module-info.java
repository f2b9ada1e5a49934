/// Linux as a host of eBPF programs, through bpf(2).
module org.ebpf4j.linux {
  requires transitive org.ebpf4j.api;
  requires org.ebpf4j.sys;
  requires static org.jspecify;

  exports org.ebpf4j.linux;
}
