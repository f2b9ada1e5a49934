package org.ebpf4j.cli.run;

import java.util.List;
import java.util.Map;
import org.ebpf4j.abi.ProgramType;

/// What results mean, by program type. Source: `enum xdp_action`, `enum sk_action`, `enum
/// bpf_ret_code`, `TC_ACT_…` and `NF_…` in Linux 6.18's uapi headers `bpf.h`, `pkt_cls.h` and
/// `netfilter.h`.
public final class Verdicts {
  private static final List<String> XDP =
      List.of("XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT");

  private static final Map<Long, String> TRAFFIC_CONTROL =
      Map.of(
          -1L, "TC_ACT_UNSPEC",
          0L, "TC_ACT_OK",
          1L, "TC_ACT_RECLASSIFY",
          2L, "TC_ACT_SHOT",
          3L, "TC_ACT_PIPE",
          4L, "TC_ACT_STOLEN",
          5L, "TC_ACT_QUEUED",
          6L, "TC_ACT_REPEAT",
          7L, "TC_ACT_REDIRECT",
          8L, "TC_ACT_TRAP");

  private static final Map<Long, String> ROUTES =
      Map.of(
          0L, "BPF_OK",
          2L, "BPF_DROP",
          7L, "BPF_REDIRECT",
          128L, "BPF_LWT_REROUTE");

  private static final Map<Long, String> DISSECTIONS =
      Map.of(0L, "BPF_OK", 2L, "BPF_DROP", 129L, "BPF_FLOW_DISSECTOR_CONTINUE");

  private static final Map<Long, String> SOCKETS = Map.of(0L, "SK_DROP", 1L, "SK_PASS");

  private Verdicts() {}

  /// The result's name, or the number itself where it has none. A parser's, of type `SK_SKB`, is a
  /// length.
  static String name(ProgramType type, long result) {
    return switch (type) {
      case XDP ->
          result >= 0 && result < XDP.size() ? XDP.get((int) result) : String.valueOf(result);
      case SCHED_CLS, SCHED_ACT -> TRAFFIC_CONTROL.getOrDefault(result, String.valueOf(result));
      case NETFILTER ->
          result == 0 ? "NF_DROP" : result == 1 ? "NF_ACCEPT" : String.valueOf(result);
      case SOCKET_FILTER -> result == 0 ? "DROP" : "KEEP";
      case CGROUP_SKB -> result == 0 ? "DROP" : "PASS";
      case SK_LOOKUP, SK_MSG, SK_REUSEPORT -> SOCKETS.getOrDefault(result, String.valueOf(result));
      case LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL ->
          ROUTES.getOrDefault(result, String.valueOf(result));
      case FLOW_DISSECTOR -> DISSECTIONS.getOrDefault(result, String.valueOf(result));
      default -> String.valueOf(result);
    };
  }

  /// Whether the packet goes on after this result.
  static boolean passes(ProgramType type, long result) {
    return switch (type) {
      case XDP -> result >= 2 && result < XDP.size();
      case SCHED_CLS, SCHED_ACT -> result != 2 && result != 4;
      case LWT_IN, LWT_OUT, LWT_XMIT, LWT_SEG6LOCAL, FLOW_DISSECTOR -> result != 2;
      default -> result != 0;
    };
  }
}
