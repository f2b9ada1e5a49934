package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.verifier.internal.state.Kind;

/// Which structs of the kernel stand behind pointers of other kinds, and which of them stand for
/// each other. Sources are in Linux's `kernel/bpf/verifier.c` and `kernel/bpf/btf.c`.
final class KernelStructs {
  private KernelStructs() {}

  /// Whether a context's struct stands for one of the kernel's. Source: `btf_is_projection_of`.
  static boolean isProjection(String context, String kernel) {
    return (context.equals("__sk_buff") && kernel.equals("sk_buff"))
        || (context.equals("xdp_md") && kernel.equals("xdp_buff"));
  }

  /// Whether a pointer of this kind is one to a struct of the kernel's, though the program does not
  /// see it. Source: `reg2btf_ids`.
  static boolean hasKernelStruct(Kind kind) {
    return behind(kind).isPresent();
  }

  static Optional<String> behind(Kind kind) {
    return switch (kind) {
      case SOCKET -> Optional.of("sock");
      case SOCK_COMMON -> Optional.of("sock_common");
      case TCP_SOCK -> Optional.of("tcp_sock");
      case MAP -> Optional.of("bpf_map");
      case UNINITIALIZED,
          SCALAR,
          CONTEXT,
          MAP_VALUE,
          MAP_KEY,
          STACK,
          PACKET_META,
          PACKET,
          PACKET_END,
          FLOW_KEYS,
          TRACE_BUFFER,
          XDP_SOCK,
          BTF_OBJECT,
          MEMORY,
          ARENA,
          BUFFER,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          Optional.empty();
    };
  }

  /// Structs that must not stand for each other, though they look alike. Source:
  /// `btf_type_ids_nocast_alias`.
  static boolean isAliasOf(String longer, String shorter) {
    return longer.equals(shorter + "___init");
  }
}
