package org.ebpf4j.conformance.sources;

import org.ebpf4j.abi.ProgramType;

/// What generated programs are attached to.
enum Hook {
  XDP(ProgramType.XDP, "xdp", "struct xdp_md", 2),
  SCHED_CLS(ProgramType.SCHED_CLS, "tc", "struct __sk_buff", 0),
  CGROUP_SKB(ProgramType.CGROUP_SKB, "cgroup_skb/egress", "struct __sk_buff", 1),
  SOCKET_FILTER(ProgramType.SOCKET_FILTER, "socket", "struct __sk_buff", 0),
  SK_SKB(ProgramType.SK_SKB, "sk_skb/stream_verdict", "struct __sk_buff", 1),
  LWT_XMIT(ProgramType.LWT_XMIT, "lwt_xmit", "struct __sk_buff", 0),
  SK_MSG(ProgramType.SK_MSG, "sk_msg", "struct sk_msg_md", 1),
  SOCK_OPS(ProgramType.SOCK_OPS, "sockops", "struct bpf_sock_ops", 0),
  SK_LOOKUP(ProgramType.SK_LOOKUP, "sk_lookup", "struct bpf_sk_lookup", 1),
  CGROUP_SOCK_ADDR(ProgramType.CGROUP_SOCK_ADDR, "cgroup/connect4", "struct bpf_sock_addr", 1),
  CGROUP_SOCKOPT(ProgramType.CGROUP_SOCKOPT, "cgroup/setsockopt", "struct bpf_sockopt", 1),
  NETFILTER(ProgramType.NETFILTER, "netfilter", "struct bpf_nf_ctx", 0),
  SYSCALL(ProgramType.SYSCALL, "syscall", "void", 0),
  RAW_TRACEPOINT(ProgramType.RAW_TRACEPOINT, "raw_tp/sys_enter", "void", 0),
  KPROBE(ProgramType.KPROBE, "kprobe/do_nanosleep", "void", 0),
  TRACEPOINT(ProgramType.TRACEPOINT, "tp/syscalls/sys_enter_openat", "void", 0),
  PERF_EVENT(ProgramType.PERF_EVENT, "perf_event", "void", 0),
  TRACING(ProgramType.TRACING, "iter/task", "void", 0),
  TRACING_SLEEPABLE(ProgramType.TRACING, "iter.s/task", "void", 0),
  TRACING_BTF(ProgramType.TRACING, "tp_btf/sys_enter", "void", 0);

  final ProgramType type;
  final String section;
  final String context;
  final int result;

  /// @param context the type that the program's argument points to
  /// @param result what a program returns that does nothing
  Hook(ProgramType type, String section, String context, int result) {
    this.type = type;
    this.section = section;
    this.context = context;
    this.result = result;
  }

  /// Whether its programs run anywhere in the kernel, so that they may not take locks or own
  /// objects.
  boolean traces() {
    return switch (this) {
      case RAW_TRACEPOINT,
          KPROBE,
          TRACEPOINT,
          PERF_EVENT,
          TRACING,
          TRACING_SLEEPABLE,
          TRACING_BTF ->
          true;
      case XDP,
          SCHED_CLS,
          CGROUP_SKB,
          SOCKET_FILTER,
          SK_SKB,
          LWT_XMIT,
          SK_MSG,
          SOCK_OPS,
          SK_LOOKUP,
          CGROUP_SOCK_ADDR,
          CGROUP_SOCKOPT,
          NETFILTER,
          SYSCALL ->
          false;
    };
  }
}
