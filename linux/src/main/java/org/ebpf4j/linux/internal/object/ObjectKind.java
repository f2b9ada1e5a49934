package org.ebpf4j.linux.internal.object;

import java.util.Locale;
import org.ebpf4j.linux.internal.call.BpfCommand;

/// A kind of kernel object that has ids, and the commands that enumerate and open it.
public enum ObjectKind {
  PROGRAM(BpfCommand.PROG_GET_NEXT_ID, BpfCommand.PROG_GET_FD_BY_ID, "bpf-prog", "prog_id"),
  MAP(BpfCommand.MAP_GET_NEXT_ID, BpfCommand.MAP_GET_FD_BY_ID, "bpf-map", "map_id"),
  BTF(BpfCommand.BTF_GET_NEXT_ID, BpfCommand.BTF_GET_FD_BY_ID, "btf", "btf_id"),
  LINK(BpfCommand.LINK_GET_NEXT_ID, BpfCommand.LINK_GET_FD_BY_ID, "bpf-link", "link_id");

  private final BpfCommand next;
  private final BpfCommand open;
  private final String inode;
  private final String idName;

  ObjectKind(BpfCommand next, BpfCommand open, String inode, String idName) {
    this.next = next;
    this.open = open;
    this.inode = inode;
    this.idName = idName;
  }

  BpfCommand next() {
    return next;
  }

  BpfCommand open() {
    return open;
  }

  /// What /proc calls the id of an object of this kind.
  String idName() {
    return idName;
  }

  /// The name of the kind that /proc shows a descriptor as; that itself if it is some other.
  static String ofInode(String shown) {
    for (ObjectKind kind : values()) {
      if (kind.isShownAs(shown)) {
        return kind.toString();
      }
    }
    return "file that /proc shows as " + shown;
  }

  /// Its name in messages.
  @Override
  public String toString() {
    return this == BTF ? "BTF object" : name().toLowerCase(Locale.ROOT);
  }

  /// Whether /proc shows descriptors of this kind so. A link is `bpf_link` where it was made, and
  /// `bpf-link` where it was opened.
  boolean isShownAs(String shown) {
    return shown.replace("bpf_", "bpf-").equals("anon_inode:" + inode);
  }
}
