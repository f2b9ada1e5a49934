package org.ebpf4j.linux;

/// A process that holds a descriptor of a kernel object.
///
/// @param process its number
/// @param command its command's name, 15 bytes at most
public record ObjectUser(int process, String command) {}
