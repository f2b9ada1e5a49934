package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.internal.map.SocketRegion;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The socket that a program is called about, where Linux's verifier takes `sk` in the context for
/// never null: a `struct bpf_sock` that says what the context says of it, and is zero otherwise.
///
/// Source: `sock_addr_is_valid_access`, `sk_msg_is_valid_access` and `sk_reuseport_is_valid_access`
/// in Linux 6.18's `net/core/filter.c`, `cg_sockopt_is_valid_access` in `kernel/bpf/cgroup.c`.
final class ContextSocket extends SocketRegion {
  private static final Set<String> STRUCTS =
      Set.of("bpf_sock_addr", "bpf_sockopt", "sk_msg_md", "sk_reuseport_md");

  /// Where fields of contexts are in `struct bpf_sock`.
  private static final Map<String, Integer> PLACES =
      Map.of(
          "family", SocketStruct.FAMILY,
          "type", SocketStruct.TYPE,
          "protocol", SocketStruct.PROTOCOL,
          "ip_protocol", SocketStruct.PROTOCOL,
          "local_ip4", SocketStruct.SOURCE_IP4,
          "local_ip6", SocketStruct.SOURCE_IP6,
          "local_port", SocketStruct.SOURCE_PORT,
          "remote_ip4", SocketStruct.DESTINATION_IP4,
          "remote_ip6", SocketStruct.DESTINATION_IP6);

  /// That of every such socket: a runner's runs are about one and the same. No socket of an
  /// environment will have it.
  private static final long COOKIE = Long.MAX_VALUE;

  private final List<Copy> copies = new ArrayList<>();

  /// A field that the context tells.
  private record Copy(long from, long to, int bytes) {}

  /// @param context where the context is
  ContextSocket(Arena arena, ContextLayout layout, long context) {
    super(arena.allocate(SocketStruct.BYTES, Long.BYTES).address());
    SocketStruct.write(address(), COOKIE);
    for (ContextLayout.Field field : layout.fields()) {
      Integer place = PLACES.get(field.name());
      if (place != null) {
        copies.add(new Copy(context + field.offset(), address() + place, field.size()));
      }
    }
  }

  /// Whether programs that are given this struct find a socket there.
  static boolean belongsTo(ContextLayout layout) {
    return STRUCTS.contains(layout.struct());
  }

  /// Takes over what the context says.
  void fill() {
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      Memory.copy(copy.from(), copy.to(), copy.bytes());
    }
  }
}
