package org.ebpf4j.linux;

import java.util.Optional;

/// The kinds of links, by their numbers.
///
/// Source: `enum bpf_link_type` in Linux 6.18's `include/uapi/linux/bpf.h`.
public enum LinkType {
  UNSPEC,
  RAW_TRACEPOINT,
  TRACING,
  CGROUP,
  ITER,
  NETNS,
  XDP,
  PERF_EVENT,
  KPROBE_MULTI,
  STRUCT_OPS,
  NETFILTER,
  TCX,
  UPROBE_MULTI,
  NETKIT,
  SOCKMAP;

  private static final LinkType[] ALL = values();

  /// The kind of this number; empty for one that came later.
  public static Optional<LinkType> of(int number) {
    return number > 0 && number < ALL.length ? Optional.of(ALL[number]) : Optional.empty();
  }
}
