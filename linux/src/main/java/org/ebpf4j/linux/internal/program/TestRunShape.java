package org.ebpf4j.linux.internal.program;

import org.ebpf4j.abi.ProgramType;

/// What `BPF_PROG_TEST_RUN` takes and gives for a type of programs.
///
/// Source: `net/bpf/test_run.c` and the `test_run` members of `struct bpf_prog_ops` in Linux 6.18.
enum TestRunShape {
  /// A packet, and `struct xdp_md` in and out.
  XDP(true, true, true, 24),
  /// A packet, and `struct __sk_buff` in and out.
  SKB(true, true, true, 192),
  /// As [#SKB], for programs that see packets from the network header on. The kernel gives zeros in
  /// place of the Ethernet header.
  NETWORK_SKB(true, true, true, 192),
  /// A packet; a context in and out if one is given.
  PACKET(true, true, true, 0),
  /// A packet, which the kernel does not give back; a context in if one is given.
  READ_PACKET(true, true, true, 0),
  /// A context in and out, no packet: `struct bpf_sk_lookup`.
  CONTEXT(false, true, true, 72),
  /// A context in, which the program may change in place, no packet, and no repetition.
  ARGUMENTS(false, false, false, 0),
  /// Types that cannot be run so.
  NONE(false, false, false, 0);

  private final boolean packet;
  private final boolean contextOut;
  private final boolean repeats;
  private final int contextBytes;

  TestRunShape(boolean packet, boolean contextOut, boolean repeats, int contextBytes) {
    this.packet = packet;
    this.contextOut = contextOut;
    this.repeats = repeats;
    this.contextBytes = contextBytes;
  }

  static TestRunShape of(ProgramType type) {
    return switch (type) {
      case XDP -> XDP;
      case SCHED_CLS, SCHED_ACT -> SKB;
      case SOCKET_FILTER, CGROUP_SKB, LWT_IN, LWT_OUT, LWT_XMIT -> NETWORK_SKB;
      case FLOW_DISSECTOR -> PACKET;
      case NETFILTER -> READ_PACKET;
      case SK_LOOKUP -> CONTEXT;
      case RAW_TRACEPOINT, SYSCALL, TRACING, STRUCT_OPS -> ARGUMENTS;
      case KPROBE,
          TRACEPOINT,
          PERF_EVENT,
          CGROUP_SOCK,
          SOCK_OPS,
          SK_SKB,
          CGROUP_DEVICE,
          SK_MSG,
          CGROUP_SOCK_ADDR,
          LWT_SEG6LOCAL,
          RAW_TRACEPOINT_WRITABLE,
          LIRC_MODE2,
          SK_REUSEPORT,
          CGROUP_SYSCTL,
          CGROUP_SOCKOPT,
          EXT,
          LSM ->
          NONE;
    };
  }

  boolean packet() {
    return packet;
  }

  /// Whether packets come with an Ethernet header that programs do not see.
  boolean hidesHeader() {
    return this == NETWORK_SKB;
  }

  /// Whether the context is a `struct __sk_buff`.
  boolean isSkb() {
    return this == SKB || this == NETWORK_SKB;
  }

  /// Whether the kernel copies the context out.
  boolean contextOut() {
    return contextOut;
  }

  /// Whether the kernel itself repeats the run.
  boolean repeats() {
    return repeats;
  }

  /// Bytes of the context that is always passed; 0 if only what the caller gives is.
  int contextBytes() {
    return contextBytes;
  }
}
