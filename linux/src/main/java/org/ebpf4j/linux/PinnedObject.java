package org.ebpf4j.linux;

import java.nio.file.Path;

/// Something that has a name in a BPF file system.
///
/// @param path its name
/// @param kind what it is
/// @param id its id
public record PinnedObject(Path path, Kind kind, int id) {

  /// What can be pinned.
  public enum Kind {
    PROGRAM,
    MAP,
    LINK
  }
}
