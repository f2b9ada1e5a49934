package org.ebpf4j.verifier.internal.explore;

import java.util.List;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;

/// Which values each kind of argument takes, in the kernel's order, which its messages show.
/// Source: `compatible_reg_types` in Linux's `kernel/bpf/verifier.c`.
final class ArgumentTypes {
  /// A kind with exactly these flags.
  record Type(Kind kind, int flags) {
    String text() {
      return Flags.name(kind, flags);
    }
  }

  private static final List<Type> SCALARS = List.of(type(Kind.SCALAR));
  private static final List<Type> SOCKETS =
      List.of(type(Kind.SOCK_COMMON), type(Kind.SOCKET), type(Kind.TCP_SOCK), type(Kind.XDP_SOCK));
  private static final List<Type> SOCKETS_OR_OBJECTS =
      List.of(
          type(Kind.SOCK_COMMON),
          type(Kind.SOCKET),
          type(Kind.TCP_SOCK),
          type(Kind.XDP_SOCK),
          type(Kind.BTF_OBJECT),
          new Type(Kind.BTF_OBJECT, Flags.TRUSTED));
  private static final List<Type> MEMORY =
      List.of(
          type(Kind.STACK),
          type(Kind.PACKET),
          type(Kind.PACKET_META),
          type(Kind.MAP_KEY),
          type(Kind.MAP_VALUE),
          type(Kind.MEMORY),
          new Type(Kind.MEMORY, Flags.RING),
          type(Kind.BUFFER),
          new Type(Kind.BTF_OBJECT, Flags.TRUSTED));
  private static final List<Type> OBJECTS =
      List.of(
          type(Kind.BTF_OBJECT),
          new Type(Kind.BTF_OBJECT, Flags.TRUSTED),
          new Type(Kind.BTF_OBJECT, Flags.RCU));
  private static final List<Type> PER_CPU_OBJECTS =
      List.of(
          new Type(Kind.BTF_OBJECT, Flags.PER_CPU),
          new Type(Kind.BTF_OBJECT, Flags.PER_CPU | Flags.RCU),
          new Type(Kind.BTF_OBJECT, Flags.PER_CPU | Flags.TRUSTED));
  private static final List<Type> LOCKS =
      List.of(type(Kind.MAP_VALUE), new Type(Kind.BTF_OBJECT, Flags.ALLOCATED));
  private static final List<Type> MAP_VALUES = List.of(type(Kind.MAP_VALUE));
  private static final List<Type> CONTEXTS = List.of(type(Kind.CONTEXT));
  private static final List<Type> MAPS = List.of(type(Kind.MAP));
  private static final List<Type> FUNCTIONS = List.of(type(Kind.FUNCTION));
  private static final List<Type> STACKS = List.of(type(Kind.STACK));
  private static final List<Type> FULL_SOCKETS = List.of(type(Kind.SOCKET));
  private static final List<Type> RECORDS = List.of(new Type(Kind.MEMORY, Flags.RING));
  private static final List<Type> DYNPTRS = List.of(type(Kind.STACK), type(Kind.DYNPTR));

  private ArgumentTypes() {}

  private static Type type(Kind kind) {
    return new Type(kind, 0);
  }

  /// The values that a kind of argument takes.
  ///
  /// @param socketsOnly for sockets, whether objects known by BTF will not do
  static List<Type> of(Argument.Kind kind, boolean socketsOnly) {
    return switch (kind) {
      case ANYTHING -> List.of();
      case CONTEXT -> CONTEXTS;
      case MAP -> MAPS;
      case MAP_KEY, MAP_VALUE, MEMORY -> MEMORY;
      case SIZE, SIZE_OR_ZERO, ALLOCATION_SIZE -> SCALARS;
      case STACK -> STACKS;
      case SOCKET_COMMON -> socketsOnly ? SOCKETS : SOCKETS_OR_OBJECTS;
      case SOCKET -> FULL_SOCKETS;
      case BTF_OBJECT -> OBJECTS;
      case PERCPU_BTF_OBJECT -> PER_CPU_OBJECTS;
      case SPIN_LOCK, KPTR -> LOCKS;
      case TIMER, STRING -> MAP_VALUES;
      case RING_RECORD -> RECORDS;
      case FUNCTION -> FUNCTIONS;
      case DYNPTR -> DYNPTRS;
    };
  }
}
