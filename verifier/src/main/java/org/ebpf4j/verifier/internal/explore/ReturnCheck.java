package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.rules.TracedFunction;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// What a program may return. Source: `check_return_code` in Linux's `kernel/bpf/verifier.c`.
final class ReturnCheck {
  private static final int MAX_ERRNO = 4095;

  private final Walk walk;

  ReturnCheck(Walk walk) {
    this.walk = walk;
  }

  /// @param half whether the result's lower half counts alone, as an `int`
  private record Range(long min, long max, boolean half) {
    Range(long min, long max) {
      this(min, max, false);
    }

    boolean holds(Scalar number) {
      return half
          ? min <= number.smin32() && number.smax32() <= max
          : min <= number.smin() && number.smax() <= max;
    }
  }

  /// Checks the register with the result of the outermost function, or what an exception makes it.
  void check(int register) {
    Frame frame = walk.state.frame(0);
    boolean subprogram = frame.subprogram != 0 && !frame.inExceptionCallback;
    if (subprogram && !frame.inAsyncCallback && returnsNothing(frame)) {
      return;
    }
    if (!subprogram && hookReturnsNothing()) {
      return;
    }
    Value result = walk.read(register);
    walk.secrecy.check(register, "leaks addr as return value");
    if (frame.inAsyncCallback) {
      check("At async callback return", register, result, new Range(0, 0));
      return;
    }
    if (subprogram) {
      if (!result.isScalar()) {
        throw walk.refuse(
            Errno.EINVAL,
            "At subprogram exit the register R%d is not a scalar value (%s)",
            register,
            result.typeName());
      }
      return;
    }
    Optional<Range> range = range(walk.rules);
    if (range.isPresent()) {
      check("At program exit", register, result, range.get());
    }
  }

  /// Some security hooks, and some members of structs of functions, return nothing.
  private boolean hookReturnsNothing() {
    return switch (walk.rules.type()) {
      case LSM -> !walk.rules.isHook(AttachType.LSM_CGROUP) && isVoid();
      case STRUCT_OPS -> isVoid();
      default -> false;
    };
  }

  private boolean isVoid() {
    return walk.rules.tracedFunction().filter(TracedFunction::returnsNothing).isPresent();
  }

  private boolean returnsNothing(Frame frame) {
    return GlobalFunctions.returnsNothing(
        walk.rules.objectBtf(), walk.code.subprogram(frame.subprogram).type());
  }

  private void check(String when, int register, Value result, Range range) {
    if (!result.isScalar()) {
      throw walk.refuse(
          Errno.EINVAL,
          "%s the register R%d is not a known value (%s)",
          when,
          register,
          result.typeName());
    }
    walk.needPrecise(register);
    Scalar number = result.number();
    if (!range.holds(number)) {
      throw walk.refuse(
          Errno.EINVAL, "%s", outOfRange(when, register, number, range.min(), range.max()));
    }
  }

  static String outOfRange(String when, int register, Scalar number, long min, long max) {
    StringBuilder text =
        new StringBuilder(when).append(" the register R").append(register).append(" has");
    boolean unknown = true;
    if (number.smin() > Long.MIN_VALUE) {
      text.append(" smin=").append(number.smin());
      unknown = false;
    }
    if (number.smax() < Long.MAX_VALUE) {
      text.append(" smax=").append(number.smax());
      unknown = false;
    }
    if (unknown) {
      text.append(" unknown scalar value");
    }
    return text.append(" should have been in [%d, %d]".formatted(min, max)).toString();
  }

  private static Optional<Range> range(Rules rules) {
    if (rules.ownType().isPresent()) {
      return rules.ownType().map(type -> new Range(type.lowest(), type.highest()));
    }
    AttachType hook = rules.hook().orElse(null);
    return switch (rules.type()) {
      case CGROUP_SOCK_ADDR -> Optional.of(socketAddress(hook));
      case CGROUP_SKB -> Optional.of(new Range(0, hook == AttachType.CGROUP_INET_EGRESS ? 3 : 1));
      case CGROUP_SOCK, SOCK_OPS, CGROUP_DEVICE, CGROUP_SYSCTL, CGROUP_SOCKOPT ->
          Optional.of(new Range(0, 1));
      case TRACING ->
          hook == AttachType.TRACE_FENTRY || hook == AttachType.TRACE_FEXIT
              ? Optional.of(new Range(0, 0))
              : hook == AttachType.TRACE_ITER ? Optional.of(new Range(0, 1)) : Optional.empty();
      case KPROBE ->
          hook == AttachType.TRACE_KPROBE_SESSION || hook == AttachType.TRACE_UPROBE_SESSION
              ? Optional.of(new Range(0, 1))
              : Optional.empty();
      case SK_LOOKUP, NETFILTER -> Optional.of(new Range(0, 1));
      case LSM ->
          hook == AttachType.LSM_CGROUP ? Optional.of(cgroupHook(rules)) : securityHook(rules);
      case SOCKET_FILTER,
          SCHED_CLS,
          SCHED_ACT,
          TRACEPOINT,
          XDP,
          PERF_EVENT,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          SK_SKB,
          SK_MSG,
          RAW_TRACEPOINT,
          LWT_SEG6LOCAL,
          LIRC_MODE2,
          SK_REUSEPORT,
          FLOW_DISSECTOR,
          RAW_TRACEPOINT_WRITABLE,
          STRUCT_OPS,
          EXT,
          SYSCALL ->
          Optional.empty();
    };
  }

  private static Range cgroupHook(Rules rules) {
    return rules.tracedFunction().filter(TracedFunction::returnsNothing).isPresent()
        ? new Range(1, 1)
        : new Range(0, 1);
  }

  /// Source: `bpf_lsm_get_retval_range` in Linux's `kernel/bpf/bpf_lsm.c`; `check_return_code`
  /// holds the lower half against it, for a hook's result is an `int`.
  private static Optional<Range> securityHook(Rules rules) {
    return Optional.of(rules.isBoolHook() ? new Range(0, 1, true) : new Range(-MAX_ERRNO, 0, true));
  }

  private static Range socketAddress(@Nullable AttachType hook) {
    return switch (hook) {
      case CGROUP_UDP4_RECVMSG,
          CGROUP_UDP6_RECVMSG,
          CGROUP_UNIX_RECVMSG,
          CGROUP_INET4_GETPEERNAME,
          CGROUP_INET6_GETPEERNAME,
          CGROUP_UNIX_GETPEERNAME,
          CGROUP_INET4_GETSOCKNAME,
          CGROUP_INET6_GETSOCKNAME,
          CGROUP_UNIX_GETSOCKNAME ->
          new Range(1, 1);
      case CGROUP_INET4_BIND, CGROUP_INET6_BIND -> new Range(0, 3);
      case null, default -> new Range(0, 1);
    };
  }
}
