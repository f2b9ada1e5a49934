package org.ebpf4j.linux;

import java.nio.file.Path;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Link;

/// An attachment in the kernel (`bpf_link`). It lasts while somebody holds it: closing it detaches
/// the program, unless it is pinned, or open elsewhere.
public interface LinuxLink extends Link {

  /// The program attached.
  ///
  /// @throws KernelException `ENOENT` if there is none: for structs of functions
  @Override
  LinuxProgram program();

  /// Puts another program in place (`BPF_LINK_UPDATE`).
  ///
  /// @throws KernelException if Linux refuses, as for kinds of links that cannot change
  @Override
  void replace(BpfProgram program);

  /// The id that the kernel gave it; it stays the same while the link lives.
  int id();

  /// What the kernel tells of it.
  LinkInfo info();

  /// Gives it a name in a BPF file system, which keeps it, and the attachment, alive.
  ///
  /// @throws KernelException if that is refused; the message says what to do
  void pin(Path path);

  /// Detaches the program now, whoever holds the link (Linux 5.9).
  ///
  /// @throws KernelException `EOPNOTSUPP` for kinds of links that cannot be told so
  void detach();
}
