/// Instructions, tables, object files, BTF and specs: everything about eBPF that needs no place to
/// run.
module org.ebpf4j.core {
  requires static org.jspecify;

  exports org.ebpf4j.abi;
  exports org.ebpf4j.btf;
  exports org.ebpf4j.elf;
  exports org.ebpf4j.error;
  exports org.ebpf4j.isa;
  exports org.ebpf4j.isa.classic;
  exports org.ebpf4j.relocation;
  exports org.ebpf4j.spec;
}
