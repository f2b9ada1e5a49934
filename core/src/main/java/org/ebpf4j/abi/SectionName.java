package org.ebpf4j.abi;

import java.util.List;
import java.util.Optional;

/// What the name of a section says about the programs in it: a row of the table by which libbpf and
/// its users agree on program types.
///
/// Source: `docs/program_types.rst` and `section_defs` of libbpf 1.6. A name that libbpf no longer
/// knows, as `tc/entry`, `xdp_prog` or `classifier/egress`, is taken for the row that it begins
/// with, as libbpf did before 1.0 and loaders in Go still do.
///
/// @param pattern the section's name, or with `+` at its end a name that may be followed by `/` and
///   what the program is attached to
/// @param type the program type
/// @param attach the hook, where the type leaves it open
/// @param sleepable whether the programs may sleep
/// @param frags whether they take packets in several buffers
public record SectionName(
    String pattern,
    ProgramType type,
    Optional<AttachType> attach,
    boolean sleepable,
    boolean frags) {

  /// All rows; the first that matches counts.
  public static final List<SectionName> TABLE =
      List.of(
          row("socket", ProgramType.SOCKET_FILTER),
          row(
              "sk_reuseport/migrate",
              ProgramType.SK_REUSEPORT,
              AttachType.SK_REUSEPORT_SELECT_OR_MIGRATE),
          row("sk_reuseport", ProgramType.SK_REUSEPORT, AttachType.SK_REUSEPORT_SELECT),
          row("kprobe+", ProgramType.KPROBE),
          row("uprobe+", ProgramType.KPROBE),
          row("uprobe.s+", ProgramType.KPROBE).asSleepable(),
          row("kretprobe+", ProgramType.KPROBE),
          row("uretprobe+", ProgramType.KPROBE),
          row("uretprobe.s+", ProgramType.KPROBE).asSleepable(),
          row("kprobe.multi+", ProgramType.KPROBE, AttachType.TRACE_KPROBE_MULTI),
          row("kretprobe.multi+", ProgramType.KPROBE, AttachType.TRACE_KPROBE_MULTI),
          row("kprobe.session+", ProgramType.KPROBE, AttachType.TRACE_KPROBE_SESSION),
          row("uprobe.multi+", ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI),
          row("uretprobe.multi+", ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI),
          row("uprobe.multi.s+", ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI).asSleepable(),
          row("uretprobe.multi.s+", ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI)
              .asSleepable(),
          row("uprobe.session+", ProgramType.KPROBE, AttachType.TRACE_UPROBE_SESSION),
          row("uprobe.session.s+", ProgramType.KPROBE, AttachType.TRACE_UPROBE_SESSION)
              .asSleepable(),
          row("ksyscall+", ProgramType.KPROBE),
          row("kretsyscall+", ProgramType.KPROBE),
          row("usdt+", ProgramType.KPROBE),
          row("usdt.s+", ProgramType.KPROBE).asSleepable(),
          row("tc/ingress", ProgramType.SCHED_CLS, AttachType.TCX_INGRESS),
          row("tc/egress", ProgramType.SCHED_CLS, AttachType.TCX_EGRESS),
          row("tcx/ingress", ProgramType.SCHED_CLS, AttachType.TCX_INGRESS),
          row("tcx/egress", ProgramType.SCHED_CLS, AttachType.TCX_EGRESS),
          row("tc", ProgramType.SCHED_CLS),
          row("classifier", ProgramType.SCHED_CLS),
          row("action", ProgramType.SCHED_ACT),
          row("netkit/primary", ProgramType.SCHED_CLS, AttachType.NETKIT_PRIMARY),
          row("netkit/peer", ProgramType.SCHED_CLS, AttachType.NETKIT_PEER),
          row("tracepoint+", ProgramType.TRACEPOINT),
          row("tp+", ProgramType.TRACEPOINT),
          row("raw_tracepoint+", ProgramType.RAW_TRACEPOINT),
          row("raw_tp+", ProgramType.RAW_TRACEPOINT),
          row("raw_tracepoint.w+", ProgramType.RAW_TRACEPOINT_WRITABLE),
          row("raw_tp.w+", ProgramType.RAW_TRACEPOINT_WRITABLE),
          row("tp_btf+", ProgramType.TRACING, AttachType.TRACE_RAW_TP),
          row("fentry+", ProgramType.TRACING, AttachType.TRACE_FENTRY),
          row("fmod_ret+", ProgramType.TRACING, AttachType.MODIFY_RETURN),
          row("fexit+", ProgramType.TRACING, AttachType.TRACE_FEXIT),
          row("fentry.s+", ProgramType.TRACING, AttachType.TRACE_FENTRY).asSleepable(),
          row("fmod_ret.s+", ProgramType.TRACING, AttachType.MODIFY_RETURN).asSleepable(),
          row("fexit.s+", ProgramType.TRACING, AttachType.TRACE_FEXIT).asSleepable(),
          row("freplace+", ProgramType.EXT),
          row("lsm+", ProgramType.LSM, AttachType.LSM_MAC),
          row("lsm.s+", ProgramType.LSM, AttachType.LSM_MAC).asSleepable(),
          row("lsm_cgroup+", ProgramType.LSM, AttachType.LSM_CGROUP),
          row("iter+", ProgramType.TRACING, AttachType.TRACE_ITER),
          row("iter.s+", ProgramType.TRACING, AttachType.TRACE_ITER).asSleepable(),
          row("syscall", ProgramType.SYSCALL).asSleepable(),
          row("xdp.frags/devmap", ProgramType.XDP, AttachType.XDP_DEVMAP).withFrags(),
          row("xdp/devmap", ProgramType.XDP, AttachType.XDP_DEVMAP),
          row("xdp.frags/cpumap", ProgramType.XDP, AttachType.XDP_CPUMAP).withFrags(),
          row("xdp/cpumap", ProgramType.XDP, AttachType.XDP_CPUMAP),
          row("xdp.frags", ProgramType.XDP, AttachType.XDP).withFrags(),
          row("xdp", ProgramType.XDP, AttachType.XDP),
          row("perf_event", ProgramType.PERF_EVENT),
          row("lwt_in", ProgramType.LWT_IN),
          row("lwt_out", ProgramType.LWT_OUT),
          row("lwt_xmit", ProgramType.LWT_XMIT),
          row("lwt_seg6local", ProgramType.LWT_SEG6LOCAL),
          row("sockops", ProgramType.SOCK_OPS, AttachType.CGROUP_SOCK_OPS),
          row("sk_skb/stream_parser", ProgramType.SK_SKB, AttachType.SK_SKB_STREAM_PARSER),
          row("sk_skb/stream_verdict", ProgramType.SK_SKB, AttachType.SK_SKB_STREAM_VERDICT),
          row("sk_skb/verdict", ProgramType.SK_SKB, AttachType.SK_SKB_VERDICT),
          row("sk_skb", ProgramType.SK_SKB),
          row("sk_msg", ProgramType.SK_MSG, AttachType.SK_MSG_VERDICT),
          row("lirc_mode2", ProgramType.LIRC_MODE2, AttachType.LIRC_MODE2),
          row("flow_dissector", ProgramType.FLOW_DISSECTOR, AttachType.FLOW_DISSECTOR),
          row("cgroup_skb/ingress", ProgramType.CGROUP_SKB, AttachType.CGROUP_INET_INGRESS),
          row("cgroup_skb/egress", ProgramType.CGROUP_SKB, AttachType.CGROUP_INET_EGRESS),
          row("cgroup/skb", ProgramType.CGROUP_SKB),
          row("cgroup/sock_create", ProgramType.CGROUP_SOCK, AttachType.CGROUP_INET_SOCK_CREATE),
          row("cgroup/sock_release", ProgramType.CGROUP_SOCK, AttachType.CGROUP_INET_SOCK_RELEASE),
          row("cgroup/sock", ProgramType.CGROUP_SOCK, AttachType.CGROUP_INET_SOCK_CREATE),
          row("cgroup/post_bind4", ProgramType.CGROUP_SOCK, AttachType.CGROUP_INET4_POST_BIND),
          row("cgroup/post_bind6", ProgramType.CGROUP_SOCK, AttachType.CGROUP_INET6_POST_BIND),
          row("cgroup/bind4", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_BIND),
          row("cgroup/bind6", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_BIND),
          row("cgroup/connect4", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT),
          row("cgroup/connect6", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET6_CONNECT),
          row("cgroup/connect_unix", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UNIX_CONNECT),
          row("cgroup/sendmsg4", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP4_SENDMSG),
          row("cgroup/sendmsg6", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP6_SENDMSG),
          row("cgroup/sendmsg_unix", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UNIX_SENDMSG),
          row("cgroup/recvmsg4", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP4_RECVMSG),
          row("cgroup/recvmsg6", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UDP6_RECVMSG),
          row("cgroup/recvmsg_unix", ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_UNIX_RECVMSG),
          row(
              "cgroup/getpeername4",
              ProgramType.CGROUP_SOCK_ADDR,
              AttachType.CGROUP_INET4_GETPEERNAME),
          row(
              "cgroup/getpeername6",
              ProgramType.CGROUP_SOCK_ADDR,
              AttachType.CGROUP_INET6_GETPEERNAME),
          row(
              "cgroup/getpeername_unix",
              ProgramType.CGROUP_SOCK_ADDR,
              AttachType.CGROUP_UNIX_GETPEERNAME),
          row(
              "cgroup/getsockname4",
              ProgramType.CGROUP_SOCK_ADDR,
              AttachType.CGROUP_INET4_GETSOCKNAME),
          row(
              "cgroup/getsockname6",
              ProgramType.CGROUP_SOCK_ADDR,
              AttachType.CGROUP_INET6_GETSOCKNAME),
          row(
              "cgroup/getsockname_unix",
              ProgramType.CGROUP_SOCK_ADDR,
              AttachType.CGROUP_UNIX_GETSOCKNAME),
          row("cgroup/sysctl", ProgramType.CGROUP_SYSCTL, AttachType.CGROUP_SYSCTL),
          row("cgroup/getsockopt", ProgramType.CGROUP_SOCKOPT, AttachType.CGROUP_GETSOCKOPT),
          row("cgroup/setsockopt", ProgramType.CGROUP_SOCKOPT, AttachType.CGROUP_SETSOCKOPT),
          row("cgroup/dev", ProgramType.CGROUP_DEVICE, AttachType.CGROUP_DEVICE),
          row("struct_ops+", ProgramType.STRUCT_OPS),
          row("struct_ops.s+", ProgramType.STRUCT_OPS).asSleepable(),
          row("sk_lookup", ProgramType.SK_LOOKUP, AttachType.SK_LOOKUP),
          row("netfilter", ProgramType.NETFILTER, AttachType.NETFILTER));

  /// The row that a section's name belongs to: by libbpf's rules of today if there is one, else by
  /// those before 1.0.
  public static Optional<SectionName> of(String section) {
    return TABLE.stream()
        .filter(row -> row.matches(section))
        .findFirst()
        .or(() -> TABLE.stream().filter(row -> row.begins(section)).findFirst());
  }

  /// Whether a section of this name belongs to this row by libbpf's rules.
  public boolean matches(String section) {
    if (!open()) {
      return section.equals(pattern);
    }
    String stem = stem();
    return section.startsWith(stem)
        && (section.length() == stem.length() || section.charAt(stem.length()) == '/');
  }

  /// What follows the pattern in a section's name: `sys_enter` of `raw_tp/sys_enter`, "" if nothing
  /// does.
  public String target(String section) {
    return open() && section.length() > pattern.length() ? section.substring(pattern.length()) : "";
  }

  /// Whether a name is this row's with something after it that is no longer the same word.
  private boolean begins(String section) {
    return !open()
        && section.startsWith(pattern)
        && section.length() > pattern.length()
        && !Character.isLetter(section.charAt(pattern.length()));
  }

  private boolean open() {
    return pattern.endsWith("+");
  }

  private String stem() {
    return pattern.substring(0, pattern.length() - 1);
  }

  private static SectionName row(String pattern, ProgramType type) {
    return new SectionName(pattern, type, Optional.empty(), false, false);
  }

  private static SectionName row(String pattern, ProgramType type, AttachType attach) {
    return new SectionName(pattern, type, Optional.of(attach), false, false);
  }

  private SectionName asSleepable() {
    return new SectionName(pattern, type, attach, true, frags);
  }

  private SectionName withFrags() {
    return new SectionName(pattern, type, attach, sleepable, true);
  }
}
