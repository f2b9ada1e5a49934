package org.ebpf4j.linux;

import java.util.Optional;

/// What the kernel tells of an attachment (`struct bpf_link_info`).
///
/// @param id its id
/// @param typeNumber its kind, by the number in `enum bpf_link_type`
/// @param programId the program attached; 0 for structs of functions
public record LinkInfo(int id, int typeNumber, int programId) {
  /// Its kind; empty for one that came after Linux 6.18.
  public Optional<LinkType> type() {
    return LinkType.of(typeNumber);
  }
}
