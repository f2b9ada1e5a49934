package org.ebpf4j.runtime;

import java.util.Optional;

/// A kernel setting (`/proc/sys`) that somebody reads or writes, and about which a program of type
/// `cgroup_sysctl` decides.
///
/// @param name such as `net/ipv4/tcp_mem`
/// @param value what it is now, as the file shows it
/// @param written what it is to be, if somebody writes
public record Sysctl(String name, String value, Optional<String> written) {}
