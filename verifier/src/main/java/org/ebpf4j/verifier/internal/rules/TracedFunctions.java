package org.ebpf4j.verifier.internal.rules;

import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.rules.Rules.TracedFunction;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// Finds the function that a program is attached to by name, and what its arguments are.
final class TracedFunctions {
  private TracedFunctions() {}

  static Optional<TracedFunction> of(ProgramKind kind, ProgramType type, KernelTypes kernel) {
    return switch (type) {
      case TRACING -> Optional.of(tracing(kind, kernel));
      case LSM -> Optional.of(function("bpf_lsm_" + kind.target(), 0, false, kernel));
      case STRUCT_OPS, EXT ->
          throw new NotJudged("programs of type " + type + " are not judged yet");
      case SOCKET_FILTER,
          KPROBE,
          SCHED_CLS,
          SCHED_ACT,
          TRACEPOINT,
          XDP,
          PERF_EVENT,
          CGROUP_SKB,
          CGROUP_SOCK,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          SOCK_OPS,
          SK_SKB,
          CGROUP_DEVICE,
          SK_MSG,
          RAW_TRACEPOINT,
          CGROUP_SOCK_ADDR,
          LWT_SEG6LOCAL,
          LIRC_MODE2,
          SK_REUSEPORT,
          FLOW_DISSECTOR,
          CGROUP_SYSCTL,
          RAW_TRACEPOINT_WRITABLE,
          CGROUP_SOCKOPT,
          SK_LOOKUP,
          SYSCALL,
          NETFILTER ->
          Optional.empty();
    };
  }

  private static TracedFunction tracing(ProgramKind kind, KernelTypes kernel) {
    AttachType hook = kind.attach().orElse(AttachType.TRACE_RAW_TP);
    return switch (hook) {
      case TRACE_RAW_TP -> tracepoint(kind.target(), kernel);
      case TRACE_ITER -> function("bpf_iter_" + kind.target(), 0, true, kernel);
      default -> function(kind.target(), 0, false, kernel);
    };
  }

  /// A raw tracepoint's prototype is that of `typedef void (*btf_trace_NAME)(void *, …)`.
  private static TracedFunction tracepoint(String name, KernelTypes kernel) {
    Btf btf = kernel.btf();
    for (int id : btf.find("btf_trace_" + name, BtfType.Typedef.class)) {
      if (btf.resolved(id) instanceof BtfType.Pointer(int target)
          && btf.resolved(target) instanceof BtfType.Prototype prototype) {
        return new Arguments(btf, prototype, 1, false);
      }
    }
    throw new NotJudged("the kernel's BTF has no tracepoint " + name);
  }

  private static TracedFunction function(
      String name, int skipped, boolean maybeNull, KernelTypes kernel) {
    Btf btf = kernel.btf();
    int id =
        kernel
            .function(name)
            .orElseThrow(() -> new NotJudged("the kernel's BTF has no function " + name));
    if (btf.type(id) instanceof BtfType.Function function
        && btf.resolved(function.prototype()) instanceof BtfType.Prototype prototype) {
      return new Arguments(btf, prototype, skipped, maybeNull);
    }
    throw new NotJudged("function " + name + " has no prototype");
  }

  private record Arguments(Btf btf, BtfType.Prototype prototype, int skipped, boolean iterator)
      implements TracedFunction {

    @Override
    public int count() {
      return prototype.parameters().size() - skipped;
    }

    @Override
    public Value argument(int index, IntSupplier newId) {
      List<BtfType.Parameter> parameters = prototype.parameters();
      int type = parameters.get(index + skipped).type();
      if (!(btf.resolved(type) instanceof BtfType.Pointer(int target))
          || !(btf.resolved(target) instanceof BtfType.Composite)) {
        return Value.UNKNOWN;
      }
      int flags = Flags.TRUSTED | (iterator && index > 0 ? Flags.MAYBE_NULL : 0);
      Value object =
          Value.pointer(Kind.BTF_OBJECT, flags, new Target.Typed(btf, btf.resolve(target)));
      return object.maybeNull() ? object.withId(newId.getAsInt()) : object;
    }
  }
}
