package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ContextLayout.Field;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.rules.TracedFunction;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// Accesses to the program's context, and to sockets, whose fields are laid out like contexts.
final class ContextAccess {
  /// Bytes of `struct bpf_flow_keys`.
  static final int FLOW_KEYS_BYTES = 56;

  private static final int TCP_SOCK_BYTES = 112;
  private static final int TCP_SOCK_BYTES_RECEIVED = 80;
  private static final int TCP_SOCK_BYTES_ACKED = 88;
  private static final int SOCK_TYPE = 8;
  private static final int SOCK_SRC_IP4 = 24;

  private final Walk walk;

  ContextAccess(Walk walk) {
    this.walk = walk;
  }

  /// Checks an access and tells what a load gives.
  Value check(int offset, int size, boolean write, boolean signed) {
    Rules rules = walk.rules;
    if (rules.tracedFunction().isPresent()) {
      return tracedArgument(rules.tracedFunction().get(), offset, size, write);
    }
    if (rules.type() == ProgramType.RAW_TRACEPOINT_WRITABLE && offset == 0 && size == 8 && !write) {
      return Value.pointer(Kind.TRACE_BUFFER);
    }
    Field field = rules.context().layout().fieldAt(offset).orElse(null);
    if (field == null
        || offset < 0
        || !field.allows(offset, size, write)
        || !allowedByHook(field, write)
        || (signed && field.kind() != ContextLayout.Kind.NUMBER)) {
      throw walk.refuse(Errno.EACCES, "invalid bpf_context access off=%d size=%d", offset, size);
    }
    return switch (field.kind()) {
      case NUMBER -> Value.UNKNOWN;
      case PACKET -> Value.pointer(Kind.PACKET);
      case PACKET_END -> Value.pointer(Kind.PACKET_END);
      case PACKET_META -> Value.pointer(Kind.PACKET_META);
      case FLOW_KEYS -> Value.pointer(Kind.FLOW_KEYS);
      case SOCKET -> socket(field);
      case POINTER -> pointer(field);
    };
  }

  /// Fields that exist in a struct for all hooks of a program type and serve only some.
  private boolean allowedByHook(Field field, boolean write) {
    Rules rules = walk.rules;
    AttachType hook = rules.hook().orElse(null);
    return switch (rules.type()) {
      case CGROUP_SOCK_ADDR ->
          switch (field.name()) {
            case "user_ip4" -> isV4(hook);
            case "user_ip6" -> isV6(hook);
            case "msg_src_ip4" -> hook == AttachType.CGROUP_UDP4_SENDMSG;
            case "msg_src_ip6" -> hook == AttachType.CGROUP_UDP6_SENDMSG;
            default -> true;
          };
      case CGROUP_SKB ->
          switch (field.name()) {
            case "data", "data_end" -> !rules.isUnprivileged();
            case "tstamp" -> !write || !rules.isUnprivileged();
            default -> true;
          };
      case CGROUP_SOCK ->
          switch (field.name()) {
            case "bound_dev_if", "mark", "priority" ->
                hook == AttachType.CGROUP_INET_SOCK_CREATE
                    || hook == AttachType.CGROUP_INET_SOCK_RELEASE;
            case "src_ip4" -> hook == AttachType.CGROUP_INET4_POST_BIND;
            case "src_ip6" -> hook == AttachType.CGROUP_INET6_POST_BIND;
            case "src_port" ->
                hook == AttachType.CGROUP_INET4_POST_BIND
                    || hook == AttachType.CGROUP_INET6_POST_BIND;
            default -> true;
          };
      case CGROUP_SOCKOPT ->
          switch (field.name()) {
            case "level", "optname" -> !write || hook == AttachType.CGROUP_SETSOCKOPT;
            case "retval" -> hook == AttachType.CGROUP_GETSOCKOPT;
            default -> true;
          };
      case XDP -> !field.name().equals("egress_ifindex") || hook == AttachType.XDP_DEVMAP;
      case SOCKET_FILTER,
          KPROBE,
          SCHED_CLS,
          SCHED_ACT,
          TRACEPOINT,
          PERF_EVENT,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          SOCK_OPS,
          SK_SKB,
          CGROUP_DEVICE,
          SK_MSG,
          RAW_TRACEPOINT,
          LWT_SEG6LOCAL,
          LIRC_MODE2,
          SK_REUSEPORT,
          FLOW_DISSECTOR,
          CGROUP_SYSCTL,
          RAW_TRACEPOINT_WRITABLE,
          TRACING,
          STRUCT_OPS,
          EXT,
          LSM,
          SK_LOOKUP,
          SYSCALL,
          NETFILTER ->
          true;
    };
  }

  private static boolean isV4(@Nullable AttachType hook) {
    return hook == AttachType.CGROUP_INET4_BIND
        || hook == AttachType.CGROUP_INET4_CONNECT
        || hook == AttachType.CGROUP_INET4_GETPEERNAME
        || hook == AttachType.CGROUP_INET4_GETSOCKNAME
        || hook == AttachType.CGROUP_UDP4_SENDMSG
        || hook == AttachType.CGROUP_UDP4_RECVMSG;
  }

  private static boolean isV6(@Nullable AttachType hook) {
    return hook == AttachType.CGROUP_INET6_BIND
        || hook == AttachType.CGROUP_INET6_CONNECT
        || hook == AttachType.CGROUP_INET6_GETPEERNAME
        || hook == AttachType.CGROUP_INET6_GETSOCKNAME
        || hook == AttachType.CGROUP_UDP6_SENDMSG
        || hook == AttachType.CGROUP_UDP6_RECVMSG;
  }

  private Value socket(Field field) {
    ProgramType type = walk.rules.type();
    return switch (type) {
      case CGROUP_SOCK_ADDR, CGROUP_SOCKOPT, SK_MSG -> Value.pointer(Kind.SOCKET);
      case SK_REUSEPORT ->
          field.name().equals("sk") ? Value.pointer(Kind.SOCKET) : maybe(Kind.SOCK_COMMON);
      case SK_LOOKUP, SOCK_OPS -> maybe(Kind.SOCKET);
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
          SK_SKB,
          CGROUP_DEVICE,
          RAW_TRACEPOINT,
          LWT_SEG6LOCAL,
          LIRC_MODE2,
          FLOW_DISSECTOR,
          CGROUP_SYSCTL,
          RAW_TRACEPOINT_WRITABLE,
          TRACING,
          STRUCT_OPS,
          EXT,
          LSM,
          SYSCALL,
          NETFILTER ->
          maybe(Kind.SOCK_COMMON);
    };
  }

  private Value maybe(Kind kind) {
    return Value.pointer(kind, Flags.MAYBE_NULL, Target.NONE).withId(walk.newId());
  }

  private Value pointer(Field field) {
    String struct = field.name().equals("skb") ? "sk_buff" : "nf_hook_state";
    return Value.pointer(Kind.BTF_OBJECT, Flags.TRUSTED, walk.rules.kernel().struct(struct));
  }

  /// An argument of the function that a tracing program is attached to.
  private Value tracedArgument(TracedFunction function, int offset, int size, boolean write) {
    Optional<Value> loaded = write ? Optional.empty() : function.load(offset, size, walk::newId);
    return loaded.orElseThrow(
        () -> walk.refuse(Errno.EACCES, "invalid bpf_context access off=%d size=%d", offset, size));
  }

  /// Whether a load of a socket's field is allowed.
  boolean isSocketField(Kind kind, int offset, int size) {
    return switch (kind) {
      case SOCK_COMMON ->
          (offset < SOCK_TYPE || offset >= SOCK_SRC_IP4) && isSockField(offset, size);
      case SOCKET -> isSockField(offset, size);
      case TCP_SOCK -> isTcpSockField(offset, size);
      case XDP_SOCK -> offset == 0 && size == 4;
      case UNINITIALIZED,
          SCALAR,
          CONTEXT,
          MAP,
          MAP_VALUE,
          MAP_KEY,
          STACK,
          PACKET_META,
          PACKET,
          PACKET_END,
          FLOW_KEYS,
          TRACE_BUFFER,
          BTF_OBJECT,
          MEMORY,
          ARENA,
          BUFFER,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          false;
    };
  }

  private boolean isSockField(int offset, int size) {
    return walk.rules
        .socketLayout()
        .fieldAt(offset)
        .map(field -> field.allows(offset, size, false))
        .orElse(false);
  }

  private static boolean isTcpSockField(int offset, int size) {
    if (offset < 0 || offset + size > TCP_SOCK_BYTES || offset % size != 0) {
      return false;
    }
    boolean wide = offset == TCP_SOCK_BYTES_RECEIVED || offset == TCP_SOCK_BYTES_ACKED;
    return size == (wide ? 8 : 4);
  }
}
