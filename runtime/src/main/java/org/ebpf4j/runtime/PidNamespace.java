package org.ebpf4j.runtime;

/// A namespace of process numbers, by what stat(2) says of `/proc/self/ns/pid`.
///
/// @param device `st_dev`
/// @param inode `st_ino`
public record PidNamespace(long device, long inode) {}
