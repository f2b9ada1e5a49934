package org.ebpf4j.runtime;

/// An option of a socket, as setsockopt(2) names it.
///
/// @param level such as 1, `SOL_SOCKET`
/// @param name such as 36, `SO_MARK`
public record SocketOption(int level, int name) {}
