package org.ebpf4j.linux.internal.object;

import org.ebpf4j.linux.internal.call.BpfCommand;

/// A kind of kernel object that has ids, and the commands that enumerate and open it.
public enum ObjectKind {
  PROGRAM(BpfCommand.PROG_GET_NEXT_ID, BpfCommand.PROG_GET_FD_BY_ID, "bpf-prog"),
  MAP(BpfCommand.MAP_GET_NEXT_ID, BpfCommand.MAP_GET_FD_BY_ID, "bpf-map"),
  BTF(BpfCommand.BTF_GET_NEXT_ID, BpfCommand.BTF_GET_FD_BY_ID, "btf"),
  LINK(BpfCommand.LINK_GET_NEXT_ID, BpfCommand.LINK_GET_FD_BY_ID, "bpf_link");

  private final BpfCommand next;
  private final BpfCommand open;
  private final String inode;

  ObjectKind(BpfCommand next, BpfCommand open, String inode) {
    this.next = next;
    this.open = open;
    this.inode = inode;
  }

  BpfCommand next() {
    return next;
  }

  BpfCommand open() {
    return open;
  }

  /// What /proc shows a descriptor of this kind as.
  String inode() {
    return "anon_inode:" + inode;
  }
}
