package org.ebpf4j.conformance.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;

/// What a kernel is asked about: a program type, and the hook where programs of one type differ.
record Caller(ProgramType type, Optional<AttachType> hook) {

  /// A type with the hook to ask with where the type alone does not say enough.
  static Caller of(ProgramType type) {
    return new Caller(
        type,
        switch (type) {
          case CGROUP_SOCK -> Optional.of(AttachType.CGROUP_INET_SOCK_CREATE);
          case CGROUP_SOCK_ADDR -> Optional.of(AttachType.CGROUP_INET4_BIND);
          case CGROUP_SOCKOPT -> Optional.of(AttachType.CGROUP_GETSOCKOPT);
          case SK_REUSEPORT -> Optional.of(AttachType.SK_REUSEPORT_SELECT);
          case CGROUP_DEVICE -> Optional.of(AttachType.CGROUP_DEVICE);
          case CGROUP_SYSCTL -> Optional.of(AttachType.CGROUP_SYSCTL);
          case SOCK_OPS -> Optional.of(AttachType.CGROUP_SOCK_OPS);
          case SK_LOOKUP -> Optional.of(AttachType.SK_LOOKUP);
          case NETFILTER -> Optional.of(AttachType.NETFILTER);
          default -> Optional.empty();
        });
  }

  /// Each type with each of its hooks that can be asked about without something to attach to.
  /// Source: `bpf_prog_load_check_attach` in Linux's `kernel/bpf/syscall.c`.
  static List<Caller> byHook(List<ProgramType> types) {
    List<Caller> callers = new ArrayList<>();
    for (ProgramType type : types) {
      List<AttachType> hooks = hooks(type);
      if (hooks.isEmpty()) {
        callers.add(of(type));
      }
      for (AttachType hook : hooks) {
        callers.add(new Caller(type, Optional.of(hook)));
      }
    }
    return callers;
  }

  private static List<AttachType> hooks(ProgramType type) {
    return switch (type) {
      case CGROUP_SKB -> List.of(AttachType.CGROUP_INET_INGRESS, AttachType.CGROUP_INET_EGRESS);
      case CGROUP_SOCK ->
          List.of(
              AttachType.CGROUP_INET_SOCK_CREATE,
              AttachType.CGROUP_INET_SOCK_RELEASE,
              AttachType.CGROUP_INET4_POST_BIND,
              AttachType.CGROUP_INET6_POST_BIND);
      case CGROUP_SOCK_ADDR ->
          List.of(
              AttachType.CGROUP_INET4_BIND,
              AttachType.CGROUP_INET6_BIND,
              AttachType.CGROUP_INET4_CONNECT,
              AttachType.CGROUP_INET6_CONNECT,
              AttachType.CGROUP_UNIX_CONNECT,
              AttachType.CGROUP_INET4_GETPEERNAME,
              AttachType.CGROUP_INET6_GETPEERNAME,
              AttachType.CGROUP_UNIX_GETPEERNAME,
              AttachType.CGROUP_INET4_GETSOCKNAME,
              AttachType.CGROUP_INET6_GETSOCKNAME,
              AttachType.CGROUP_UNIX_GETSOCKNAME,
              AttachType.CGROUP_UDP4_SENDMSG,
              AttachType.CGROUP_UDP6_SENDMSG,
              AttachType.CGROUP_UNIX_SENDMSG,
              AttachType.CGROUP_UDP4_RECVMSG,
              AttachType.CGROUP_UDP6_RECVMSG,
              AttachType.CGROUP_UNIX_RECVMSG);
      case CGROUP_SOCKOPT -> List.of(AttachType.CGROUP_GETSOCKOPT, AttachType.CGROUP_SETSOCKOPT);
      case SK_REUSEPORT ->
          List.of(AttachType.SK_REUSEPORT_SELECT, AttachType.SK_REUSEPORT_SELECT_OR_MIGRATE);
      case SK_SKB ->
          List.of(
              AttachType.SK_SKB_STREAM_PARSER,
              AttachType.SK_SKB_STREAM_VERDICT,
              AttachType.SK_SKB_VERDICT);
      case XDP -> List.of(AttachType.XDP, AttachType.XDP_DEVMAP, AttachType.XDP_CPUMAP);
      case SCHED_CLS ->
          List.of(
              AttachType.TCX_INGRESS,
              AttachType.TCX_EGRESS,
              AttachType.NETKIT_PRIMARY,
              AttachType.NETKIT_PEER);
      case KPROBE ->
          List.of(
              AttachType.TRACE_KPROBE_MULTI,
              AttachType.TRACE_KPROBE_SESSION,
              AttachType.TRACE_UPROBE_MULTI,
              AttachType.TRACE_UPROBE_SESSION);
      default -> List.of();
    };
  }

  /// `TYPE`, or `TYPE/HOOK` where there is a hook.
  @Override
  public String toString() {
    return hook.map(h -> type + "/" + h).orElse(type.name());
  }
}
