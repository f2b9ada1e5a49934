package org.ebpf4j.linux;

/// What the kernel tells of an attachment (`struct bpf_link_info`).
///
/// @param id its id
/// @param typeNumber its kind, by the number in `enum bpf_link_type`
/// @param programId the program attached
public record LinkInfo(int id, int typeNumber, int programId) {}
