package org.ebpf4j.verifier.internal.rules;

import java.util.Set;

/// What the prototype of a helper does not tell, by the helper's name.
///
/// Sources: `bpf_helper_changes_pkt_data` and the prototypes in `net/core/filter.c`; the lists of
/// function ids in `kernel/bpf/verifier.c`, all of Linux 6.18.
public final class HelperTraits {
  private static final Set<String> CHANGES_PACKET =
      Set.of(
          "clone_redirect",
          "l3_csum_replace",
          "l4_csum_replace",
          "lwt_push_encap",
          "lwt_seg6_action",
          "lwt_seg6_adjust_srh",
          "lwt_seg6_store_bytes",
          "msg_pop_data",
          "msg_pull_data",
          "msg_push_data",
          "skb_adjust_room",
          "skb_change_head",
          "skb_change_proto",
          "skb_change_tail",
          "skb_pull_data",
          "skb_store_bytes",
          "skb_vlan_pop",
          "skb_vlan_push",
          "store_hdr_opt",
          "tail_call",
          "xdp_adjust_head",
          "xdp_adjust_meta",
          "xdp_adjust_tail");

  private static final Set<String> TAKES_PACKET =
      Set.of(
          "map_lookup_elem",
          "map_update_elem",
          "map_delete_elem",
          "map_push_elem",
          "map_lookup_percpu_elem",
          "csum_diff",
          "sk_lookup_tcp",
          "sk_lookup_udp",
          "skc_lookup_tcp",
          "tcp_check_syncookie",
          "tcp_gen_syncookie",
          "tcp_raw_gen_syncookie_ipv4",
          "tcp_raw_gen_syncookie_ipv6",
          "tcp_raw_check_syncookie_ipv4",
          "tcp_raw_check_syncookie_ipv6",
          "sock_map_update",
          "sock_hash_update");

  private static final Set<String> MAY_SLEEP =
      Set.of("copy_from_user", "copy_from_user_task", "ima_inode_hash", "ima_file_hash");

  private static final Set<String> ACQUIRES =
      Set.of("sk_lookup_tcp", "sk_lookup_udp", "skc_lookup_tcp", "ringbuf_reserve", "kptr_xchg");

  private static final Set<String> CASTS =
      Set.of(
          "tcp_sock",
          "sk_fullsock",
          "skc_to_tcp_sock",
          "skc_to_tcp6_sock",
          "skc_to_udp6_sock",
          "skc_to_mptcp_sock",
          "skc_to_tcp_timewait_sock",
          "skc_to_tcp_request_sock");

  private static final Set<String> TAKES_SOCKETS_ONLY =
      Set.of("tcp_sock", "sk_fullsock", "get_listener_sock", "skc_to_mptcp_sock");

  private static final Set<String> CALLS_BACK =
      Set.of("for_each_map_elem", "find_vma", "loop", "user_ringbuf_drain");

  private HelperTraits() {}

  /// Whether the packet may lie elsewhere afterwards.
  public static boolean changesPacket(String helper) {
    return CHANGES_PACKET.contains(helper);
  }

  /// Whether pointers into the packet may be given to it.
  public static boolean takesPacket(String helper) {
    return TAKES_PACKET.contains(helper);
  }

  public static boolean maySleep(String helper) {
    return MAY_SLEEP.contains(helper);
  }

  /// Whether what it returns must be given back.
  public static boolean acquires(String helper) {
    return ACQUIRES.contains(helper);
  }

  /// Whether it returns what it was given, under another type.
  public static boolean casts(String helper) {
    return CASTS.contains(helper);
  }

  /// Whether the object that it returns is valid while the program runs. Any other may be 0,
  /// although a load through it needs no check.
  public static boolean returnsTrusted(String helper) {
    return helper.equals("get_current_task_btf");
  }

  /// Whether a socket known only by BTF will not do.
  public static boolean takesSocketsOnly(String helper) {
    return TAKES_SOCKETS_ONLY.contains(helper);
  }

  /// Whether it runs a function of the program before it returns.
  public static boolean callsBack(String helper) {
    return CALLS_BACK.contains(helper);
  }

  /// Whether it has a function of the program run later.
  public static boolean callsBackLater(String helper) {
    return helper.equals("timer_set_callback");
  }
}
