package org.ebpf4j.verifier.internal.rules;

import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.HookResult;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// Finds the function that a program is attached to by name, and what its arguments are. Source:
/// `btf_ctx_access` in Linux's `kernel/bpf/btf.c`.
final class TracedFunctions {
  private static final int MAX_OFFSET = 96;
  private static final int PLACE_BYTES = 8;

  private TracedFunctions() {}

  static Optional<TracedFunction> of(
      ProgramSpec program, CollectionSpec collection, ProgramType type, KernelTypes kernel) {
    return switch (type) {
      case TRACING -> Optional.of(tracing(program, kernel));
      case LSM -> Optional.of(hook(program, kernel));
      case STRUCT_OPS -> Optional.of(member(program, collection, kernel));
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
          EXT,
          NETFILTER ->
          Optional.empty();
    };
  }

  private static TracedFunction tracing(ProgramSpec program, KernelTypes kernel) {
    String target = program.kind().target();
    AttachType hook = program.kind().attach().orElse(AttachType.TRACE_RAW_TP);
    return switch (hook) {
      case TRACE_RAW_TP -> tracepoint(target, kernel);
      case TRACE_ITER -> function("bpf_iter_" + target, target, Style.ITERATOR, kernel);
      case TRACE_FEXIT -> traced(program, hook, Style.RETURN, kernel);
      case MODIFY_RETURN -> traced(program, hook, Style.MODIFY, kernel);
      default -> traced(program, hook, Style.ENTRY, kernel);
    };
  }

  private static TracedFunction traced(
      ProgramSpec program, AttachType hook, Style style, KernelTypes kernel) {
    String target = program.kind().target();
    Arguments function = function(target, "", style, kernel);
    AttachRules.checkFunction(
        target, function.btf(), function.prototype(), hook, program.kind().sleepable());
    return function;
  }

  private static TracedFunction hook(ProgramSpec program, KernelTypes kernel) {
    String name = program.kind().target();
    boolean ofCgroup = program.kind().attach().equals(Optional.of(AttachType.LSM_CGROUP));
    Style style = AttachRules.isUntrusted(name) ? Style.UNTRUSTED_HOOK : Style.HOOK;
    Arguments function = function("bpf_lsm_" + name, name, style, kernel);
    AttachRules.checkHook(
        name, kernel.function("bpf_lsm_" + name).orElse(0), program.kind().sleepable());
    return ofCgroup ? function : function.withResults(AttachRules.results(name));
  }

  /// A raw tracepoint's prototype is that of `typedef void (*btf_trace_NAME)(void *, …)`.
  private static TracedFunction tracepoint(String name, KernelTypes kernel) {
    Btf btf = kernel.btf();
    for (int id : btf.find("btf_trace_" + name, BtfType.Typedef.class)) {
      if (btf.resolved(id) instanceof BtfType.Pointer(int target)
          && btf.resolved(target) instanceof BtfType.Prototype prototype) {
        return Arguments.of(btf, prototype, Style.TRACEPOINT, name);
      }
    }
    throw new NotJudged("the kernel's BTF has no tracepoint " + name);
  }

  private static Arguments function(String name, String target, Style style, KernelTypes kernel) {
    Btf btf = kernel.btf();
    int id =
        kernel
            .function(name)
            .orElseThrow(() -> new NotJudged("the kernel's BTF has no function " + name));
    if (btf.type(id) instanceof BtfType.Function function
        && btf.resolved(function.prototype()) instanceof BtfType.Prototype prototype) {
      return Arguments.of(btf, prototype, style, target);
    }
    throw new NotJudged("function " + name + " has no prototype");
  }

  /// The member that a program is in a struct of functions of the object.
  private static TracedFunction member(
      ProgramSpec program, CollectionSpec collection, KernelTypes kernel) {
    for (MapSpec map : collection.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Operations operations) {
        for (MapSpec.Slot slot : operations.programs()) {
          if (slot.target().equals(program.name())) {
            return member(
                collection.btf(), map.valueType(), slot.key(), program.kind().sleepable(), kernel);
          }
        }
      }
    }
    throw new NotJudged("the program is in no struct of functions of the object");
  }

  private static TracedFunction member(
      Btf local, int type, int offset, boolean sleepable, KernelTypes kernel) {
    BtfType.Composite struct = (BtfType.Composite) local.resolved(type);
    String name = memberAt(struct, offset);
    if (!kernel.takesStructOps(struct.name())) {
      throw new NotJudged("the kernel takes no programs for struct " + struct.name());
    }
    Target.Typed there = kernel.struct(struct.name());
    Btf btf = there.btf();
    if (btf.type(there.type()) instanceof BtfType.Composite composite) {
      for (BtfType.Member member : composite.members()) {
        if (member.name().equals(name)
            && btf.resolved(member.type()) instanceof BtfType.Pointer(int pointee)
            && btf.resolved(pointee) instanceof BtfType.Prototype prototype) {
          if (isUnsupported(composite.name(), name, sleepable)) {
            boolean tcp = composite.name().equals("tcp_congestion_ops");
            throw Refusal.at(
                tcp ? Errno.ENOTSUPP : Errno.EINVAL, // each struct's check_member gives its own
                0,
                "attach to unsupported member %s of struct %s".formatted(name, composite.name()));
          }
          TracedFunction.Member found = new TracedFunction.Member(composite.name(), name);
          return new Arguments(
              btf,
              stub(found, prototype, kernel),
              Style.MEMBER,
              name,
              Optional.of(found),
              Scalar.UNKNOWN);
        }
      }
    }
    throw new NotJudged("the kernel's struct " + struct.name() + " has no function " + name);
  }

  /// The prototype of a member's stub `STRUCT__MEMBER`, if there is one: the names of its
  /// parameters say which may be null. Source: `prepare_arg_info` in Linux's
  /// `kernel/bpf/bpf_struct_ops.c`.
  private static BtfType.Prototype stub(
      TracedFunction.Member member, BtfType.Prototype declared, KernelTypes kernel) {
    Btf btf = kernel.btf();
    int id = kernel.function(member.struct() + "__" + member.name()).orElse(0);
    return btf.type(id) instanceof BtfType.Function function
            && btf.resolved(function.prototype()) instanceof BtfType.Prototype prototype
            && prototype.parameters().size() == declared.parameters().size()
        ? prototype
        : declared;
  }

  /// Members that programs cannot be, or not sleepable ones.
  private static boolean isUnsupported(String struct, String member, boolean sleepable) {
    return switch (struct) {
      case "tcp_congestion_ops" -> member.equals("get_info");
      case "bpf_dummy_ops" -> sleepable && !member.equals("test_sleepable");
      default -> false;
    };
  }

  private static String memberAt(BtfType.Composite struct, int offset) {
    for (BtfType.Member member : struct.members()) {
      if (member.bitOffset() == offset * 8) {
        return member.name();
      }
    }
    return "";
  }

  /// How a function's arguments come to the program.
  private enum Style {
    TRACEPOINT,
    ITERATOR,
    ENTRY,
    RETURN,
    MODIFY,
    HOOK,
    UNTRUSTED_HOOK,
    MEMBER;

    /// Whether objects given are valid while the program runs.
    boolean isTrusted() {
      return this == TRACEPOINT || this == ITERATOR || this == HOOK || this == MEMBER;
    }

    boolean hasResult() {
      return this == RETURN || this == MODIFY || this == HOOK || this == UNTRUSTED_HOOK;
    }
  }

  /// @param results the results that the function may have, where they are numbers
  private record Arguments(
      Btf btf,
      BtfType.Prototype prototype,
      Style style,
      String target,
      Optional<Member> member,
      Scalar results)
      implements TracedFunction {

    static Arguments of(Btf btf, BtfType.Prototype prototype, Style style, String target) {
      return new Arguments(btf, prototype, style, target, Optional.empty(), Scalar.UNKNOWN);
    }

    Arguments withResults(Scalar range) {
      return new Arguments(btf, prototype, style, target, member, range);
    }

    /// Functions of tracepoints are given the probe's data first, which programs do not see.
    @Override
    public int arguments() {
      return prototype.parameters().size() - (style == Style.TRACEPOINT ? 1 : 0);
    }

    @Override
    public Optional<HookResult> result() {
      if (results.equals(Scalar.UNKNOWN)
          || !style.hasResult()
          || !(btf.resolved(prototype.result()) instanceof BtfType.Int)) {
        return Optional.empty();
      }
      BtfLayout layout = new BtfLayout(btf);
      int offset = 0;
      for (BtfType.Parameter parameter : prototype.parameters()) {
        offset += places(layout, parameter.type());
      }
      return Optional.of(new HookResult(offset, results.smin(), results.smax()));
    }

    @Override
    public boolean returnsNothing() {
      return btf.resolved(prototype.result()) instanceof BtfType.VoidType;
    }

    @Override
    public Optional<Value> load(int offset, int size, IntSupplier newId) {
      if (offset < 0 || offset >= MAX_OFFSET || offset % size != 0 || offset % PLACE_BYTES != 0) {
        return Optional.empty();
      }
      List<BtfType.Parameter> parameters = prototype.parameters();
      int index = indexAt(offset);
      int count = arguments();
      int skipped = parameters.size() - count;
      if (index > count || (index == count && !style.hasResult())) {
        return Optional.empty();
      }
      boolean isResult = index == count;
      String name = isResult ? "" : parameters.get(index + skipped).name();
      int type = isResult ? prototype.result() : parameters.get(index + skipped).type();
      return switch (btf.resolved(type)) {
        case BtfType.Int t when t.size() > 8 -> Optional.empty();
        case BtfType.Int t -> Optional.of(isResult ? Value.scalar(results) : Value.UNKNOWN);
        case BtfType.Enumeration t when !isModified(isResult) -> Optional.of(Value.UNKNOWN);
        case BtfType.Composite t when !t.union() && !isModified(isResult) ->
            Optional.of(Value.UNKNOWN);
        case BtfType.Pointer(int pointee) when size == 8 && !isModified(isResult) ->
            pointer(index, name, pointee, newId);
        default -> Optional.empty();
      };
    }

    /// Results that programs change must be numbers.
    private boolean isModified(boolean isResult) {
      return isResult && style == Style.MODIFY;
    }

    /// Which parameter lies at an offset, or the result behind them: structs of more than 8 bytes
    /// take two places. Source: `get_ctx_arg_idx`.
    private int indexAt(int offset) {
      BtfLayout layout = new BtfLayout(btf);
      int end = 0;
      int index = 0;
      for (BtfType.Parameter parameter : prototype.parameters()) {
        end += places(layout, parameter.type());
        if (offset < end) {
          return index;
        }
        index++;
      }
      return offset < end + places(layout, prototype.result()) ? index : index + 1;
    }

    /// Bytes that a parameter or result takes in the context.
    private static int places(BtfLayout layout, int type) {
      return Math.ceilDiv(layout.sizeOf(type).orElse(0), PLACE_BYTES) * PLACE_BYTES;
    }

    private Optional<Value> pointer(int index, String name, int pointee, IntSupplier newId) {
      IteratorArguments.Kind kind =
          style == Style.ITERATOR ? IteratorArguments.of(target, index).orElse(null) : null;
      if (kind == IteratorArguments.Kind.KEY || kind == IteratorArguments.Kind.VALUE) {
        int flags = kind == IteratorArguments.Kind.KEY ? Flags.READ_ONLY : 0;
        return Optional.of(
            Value.pointer(Kind.BUFFER, flags | Flags.MAYBE_NULL, Target.NONE)
                .withId(newId.getAsInt()));
      }
      BtfType type = btf.resolved(pointee);
      if (type instanceof BtfType.VoidType || type instanceof BtfType.Int) {
        return Optional.of(Value.UNKNOWN);
      }
      if (!(type instanceof BtfType.Composite)) {
        return Optional.empty();
      }
      int flags = style.isTrusted() ? Flags.TRUSTED : 0;
      if (kind != null) {
        flags =
            switch (kind) {
              case OBJECT -> Flags.MAYBE_NULL;
              case TRUSTED -> Flags.MAYBE_NULL | Flags.TRUSTED;
              case UNTRUSTED -> Flags.MAYBE_NULL | Flags.UNTRUSTED;
              case KEY, VALUE -> throw new IllegalStateException(kind + " is no object");
            };
      }
      if (name.endsWith("__nullable")) {
        flags |= Flags.MAYBE_NULL;
      }
      if (style == Style.TRACEPOINT) {
        TracepointArguments special = TracepointArguments.of(target);
        if (special.maybeError().contains(index)) {
          return Optional.of(Value.UNKNOWN);
        }
        flags |= special.maybeNull().contains(index) ? Flags.MAYBE_NULL : 0;
      }
      Value object =
          Value.pointer(
              Kind.BTF_OBJECT, flags | tagOf(pointee), new Target.Typed(btf, promoted(pointee)));
      return Optional.of(object.maybeNull() ? object.withId(newId.getAsInt()) : object);
    }

    private int tagOf(int pointee) {
      if (!(btf.type(pointee) instanceof BtfType.TypeTag tag)) {
        return 0;
      }
      return switch (tag.name()) {
        case "user" -> Flags.USER;
        case "percpu" -> Flags.PER_CPU;
        default -> 0;
      };
    }

    /// The functions of congestion control are given TCP sockets, whatever they declare.
    private int promoted(int pointee) {
      int type = btf.resolve(pointee);
      boolean socket =
          member.filter(m -> m.struct().equals("tcp_congestion_ops")).isPresent()
              && btf.type(type).name().equals("sock");
      return socket
          ? btf.find("tcp_sock", BtfType.Composite.class).stream().findFirst().orElse(type)
          : type;
    }
  }
}
