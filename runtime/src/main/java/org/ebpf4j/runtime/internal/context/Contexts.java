package org.ebpf4j.runtime.internal.context;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.internal.context.SkbContext.Framing;
import org.ebpf4j.runtime.internal.run.ProgramContext;

/// Makes the contexts of Linux's program types.
public final class Contexts {
  /// Numbers the iterations of this JVM.
  private static final AtomicLong SESSIONS = new AtomicLong();

  private Contexts() {}

  /// A context for one runner; empty for types that the JVM host does not run, for a reason that
  /// [#reason] gives.
  ///
  /// @param hook where the program is to run, if its type leaves that open
  public static Optional<ProgramContext> of(
      ProgramType type, Optional<AttachType> hook, Limits limits) {
    ProgramTypes.Row row = ProgramTypes.of(type);
    int packets = limits.packetBytes();
    return switch (type) {
      case XDP -> Optional.of(new XdpContext(row, packets));
      case SCHED_CLS, SCHED_ACT -> Optional.of(new SkbContext(row, Framing.ETHERNET, packets));
      case SOCKET_FILTER, CGROUP_SKB, LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL ->
          Optional.of(new SkbContext(row, Framing.NETWORK, packets));
      case SK_SKB -> Optional.of(new SkbContext(row, Framing.PAYLOAD, packets));
      case SK_MSG -> Optional.of(new MessageContext(row, packets));
      case SK_REUSEPORT -> Optional.of(new ReuseportContext(row, packets));
      case CGROUP_SOCKOPT -> Optional.of(new SocketOptionContext(row, packets));
      case SOCK_OPS -> Optional.of(new SocketOperationContext(row, packets));
      case NETFILTER -> Optional.of(new NetfilterContext(row, packets));
      case FLOW_DISSECTOR -> Optional.of(new FlowDissectorContext(row, packets));
      case KPROBE,
          TRACEPOINT,
          PERF_EVENT,
          RAW_TRACEPOINT,
          RAW_TRACEPOINT_WRITABLE,
          SK_LOOKUP,
          CGROUP_SOCK,
          CGROUP_DEVICE,
          CGROUP_SOCK_ADDR,
          LIRC_MODE2 ->
          Optional.of(new PlainContext(row.context(), false));
      case CGROUP_SYSCTL -> Optional.of(new SysctlContext(row.context()));
      case SYSCALL -> Optional.of(new PlainContext(row.context(), true));
      case TRACING, LSM, STRUCT_OPS ->
          hook.equals(Optional.of(AttachType.TRACE_ITER))
              ? Optional.of(new IteratorContext(row.context(), SESSIONS.incrementAndGet()))
              : Optional.of(new TraceContext(row.context(), seesResult(hook)));
      case EXT -> Optional.empty();
    };
  }

  /// Why there is no context for programs of a type.
  public static String reason(ProgramType type) {
    return switch (type) {
      case EXT -> "a program that replaces another's function runs inside that program only";
      default -> "it has no context for programs of this type";
    };
  }

  private static boolean seesResult(Optional<AttachType> hook) {
    return hook.isPresent()
        && (hook.get() == AttachType.TRACE_FEXIT || hook.get() == AttachType.MODIFY_RETURN);
  }
}
