package org.ebpf4j.verifier.internal.explain;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Kinds of values as the kernel's log names them, in plain words.
final class KindWords {
  private KindWords() {}

  /// A list such as `fp, map_value` in words: `the stack or a map's value`.
  static String of(String kinds) {
    Set<String> words = new LinkedHashSet<>();
    for (String kind : kinds.split(", ", -1)) {
      words.add(word(kind));
    }
    List<String> list = new ArrayList<>(words);
    String last = list.removeLast();
    return list.isEmpty() ? last : String.join(", ", list) + " or " + last;
  }

  private static String word(String kind) {
    return switch (kind) {
      case "fp" -> "a pointer to the stack";
      case "ctx" -> "the context";
      case "scalar" -> "a number";
      case "pkt" -> "the packet";
      case "pkt_meta" -> "its metadata";
      case "map_ptr" -> "a map";
      case "map_key" -> "a map's key";
      case "map_value" -> "a map's value";
      case "mem" -> "memory that a call gave";
      case "buf" -> "a buffer";
      case "ringbuf_mem" -> "a record of a ring buffer";
      case "dynptr_ptr" -> "a dynptr";
      case "func" -> "a function of the program";
      case "sock", "sock_common", "tcp_sock", "xdp_sock" -> "a socket";
      case "ptr_" -> "a kernel object";
      case "trusted_ptr_" -> "a trusted kernel object";
      case "rcu_ptr_" -> "a kernel object loaded in an RCU section";
      case "percpu_ptr_", "percpu_rcu_ptr_", "percpu_trusted_ptr_" -> "a per-CPU object";
      default -> kind;
    };
  }
}
