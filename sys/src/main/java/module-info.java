/// Linux's system calls: the only downcalls of ebpf4j.
module org.ebpf4j.sys {
  requires static org.jspecify;

  exports org.ebpf4j.sys;
}
