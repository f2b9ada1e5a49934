package org.ebpf4j.linux;

/// What the kernel tells of a BTF object (`struct bpf_btf_info`).
///
/// @param id its id
/// @param name the kernel module it belongs to, `vmlinux`, or "" for a user's
/// @param bytes its size
/// @param kernel whether it describes the kernel or a module
public record BtfInfo(int id, String name, int bytes, boolean kernel) {}
