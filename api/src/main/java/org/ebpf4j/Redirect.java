package org.ebpf4j;

/// Where a packet is to go.
public sealed interface Redirect {

  /// The program asked for none.
  record None() implements Redirect {}

  /// To a network device by number (`bpf_redirect`, `bpf_redirect_peer`, `bpf_redirect_neigh`).
  record ToDevice(int ifindex, long flags) implements Redirect {}

  /// To the entry of a map: devmap, cpumap, xskmap, sockmap, or an array of sockets that share a
  /// port.
  record ToMap(String map, long key, long flags) implements Redirect {}

  /// To a socket (`bpf_sk_assign`), known by its cookie.
  record ToSocket(long cookie, long flags) implements Redirect {}
}
