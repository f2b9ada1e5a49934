package org.ebpf4j.runtime.internal.context;

import java.util.Optional;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.internal.run.ProgramContext;

/// Makes the contexts of Linux's program types.
public final class Contexts {
  private Contexts() {}

  /// A context for one runner; empty for types that the JVM host does not run.
  public static Optional<ProgramContext> of(ProgramType type, Limits limits) {
    ProgramTypes.Row row = ProgramTypes.of(type);
    int packets = limits.packetBytes();
    return switch (type) {
      case XDP -> Optional.of(new XdpContext(row, packets));
      case SCHED_CLS, SCHED_ACT -> Optional.of(new SkbContext(row, true, packets));
      case SOCKET_FILTER, CGROUP_SKB, LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL ->
          Optional.of(new SkbContext(row, false, packets));
      case FLOW_DISSECTOR -> Optional.of(new FlowDissectorContext(row, packets));
      case KPROBE,
          TRACEPOINT,
          PERF_EVENT,
          RAW_TRACEPOINT,
          RAW_TRACEPOINT_WRITABLE,
          SK_LOOKUP,
          CGROUP_SOCK,
          SOCK_OPS,
          CGROUP_DEVICE,
          CGROUP_SOCK_ADDR,
          CGROUP_SYSCTL ->
          Optional.of(new PlainContext(row.context(), false));
      case SYSCALL -> Optional.of(new PlainContext(row.context(), true));
      case SK_SKB,
          SK_MSG,
          LIRC_MODE2,
          SK_REUSEPORT,
          CGROUP_SOCKOPT,
          TRACING,
          STRUCT_OPS,
          EXT,
          LSM,
          NETFILTER ->
          Optional.empty();
    };
  }
}
