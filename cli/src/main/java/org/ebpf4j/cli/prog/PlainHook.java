package org.ebpf4j.cli.prog;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.ebpf4j.abi.AttachType;

/// Where `prog attach` puts a program, in bpftool's words.
///
/// @param type the hook
/// @param map the words that select the map of sockets; empty for this network namespace
record PlainHook(AttachType type, Optional<List<String>> map) {
  static final String SYNOPSIS =
      "sk_msg_verdict|sk_skb_verdict|sk_skb_stream_verdict|sk_skb_stream_parser MAP"
          + " | flow_dissector";

  /// Reads the words behind those that select the program.
  ///
  /// @param usage makes the error for wrong words
  static PlainHook parse(List<String> words, Function<String, RuntimeException> usage) {
    if (words.size() < 3) {
      throw usage.apply("attach to what? Say: id N " + SYNOPSIS);
    }
    AttachType type =
        switch (words.get(2)) {
          case "sk_msg_verdict", "msg_verdict" -> AttachType.SK_MSG_VERDICT;
          case "sk_skb_verdict", "skb_verdict" -> AttachType.SK_SKB_VERDICT;
          case "sk_skb_stream_verdict", "stream_verdict" -> AttachType.SK_SKB_STREAM_VERDICT;
          case "sk_skb_stream_parser", "stream_parser" -> AttachType.SK_SKB_STREAM_PARSER;
          case "flow_dissector" -> AttachType.FLOW_DISSECTOR;
          case String other ->
              throw usage.apply("'%s' is no hook: say %s".formatted(other, SYNOPSIS));
        };
    List<String> map = words.subList(3, words.size());
    if (map.size() != (type == AttachType.FLOW_DISSECTOR ? 0 : 2)) {
      throw usage.apply(
          type == AttachType.FLOW_DISSECTOR
              ? "a flow dissector goes to this network namespace, not to a map"
              : "which map of sockets? Say id N, name X or pinned P");
    }
    return new PlainHook(type, map.isEmpty() ? Optional.empty() : Optional.of(map));
  }
}
