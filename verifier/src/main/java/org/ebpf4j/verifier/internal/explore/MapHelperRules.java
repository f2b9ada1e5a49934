package org.ebpf4j.verifier.internal.explore;

import java.util.Set;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.verifier.internal.rules.Rules;

/// Which helpers take which maps. Source: `check_map_func_compatibility` in Linux's
/// `kernel/bpf/verifier.c`.
public final class MapHelperRules {
  private static final Set<String> PERF =
      Set.of(
          "perf_event_read",
          "perf_event_output",
          "skb_output",
          "perf_event_read_value",
          "xdp_output");
  private static final Set<String> RING =
      Set.of(
          "ringbuf_output",
          "ringbuf_reserve",
          "ringbuf_query",
          "ringbuf_reserve_dynptr",
          "ringbuf_submit_dynptr",
          "ringbuf_discard_dynptr");

  private MapHelperRules() {}

  /// Whether a helper takes a map, as far as both know.
  public static boolean allows(Rules rules, MapType map, String helper) {
    return mapTakes(rules, map, helper) && helperTakes(helper, map);
  }

  private static boolean mapTakes(Rules rules, MapType map, String helper) {
    return switch (map) {
      case PROG_ARRAY -> helper.equals("tail_call");
      case PERF_EVENT_ARRAY -> PERF.contains(helper);
      case RINGBUF -> RING.contains(helper);
      case USER_RINGBUF -> helper.equals("user_ringbuf_drain");
      case STACK_TRACE -> helper.equals("get_stackid");
      case CGROUP_ARRAY ->
          helper.equals("skb_under_cgroup") || helper.equals("current_task_under_cgroup");
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> helper.equals("get_local_storage");
      case DEVMAP, DEVMAP_HASH, XSKMAP ->
          helper.equals("redirect_map") || helper.equals("map_lookup_elem");
      case CPUMAP -> helper.equals("redirect_map");
      case ARRAY_OF_MAPS, HASH_OF_MAPS -> helper.equals("map_lookup_elem");
      case SOCKMAP ->
          switch (helper) {
            case "sk_redirect_map",
                "sock_map_update",
                "msg_redirect_map",
                "sk_select_reuseport",
                "map_lookup_elem" ->
                true;
            default -> mayUpdateSockets(rules, helper);
          };
      case SOCKHASH ->
          switch (helper) {
            case "sk_redirect_hash",
                "sock_hash_update",
                "msg_redirect_hash",
                "sk_select_reuseport",
                "map_lookup_elem" ->
                true;
            default -> mayUpdateSockets(rules, helper);
          };
      case REUSEPORT_SOCKARRAY -> helper.equals("sk_select_reuseport");
      case QUEUE, STACK ->
          helper.equals("map_peek_elem")
              || helper.equals("map_pop_elem")
              || helper.equals("map_push_elem");
      case SK_STORAGE -> isStorage(helper, "sk_storage");
      case INODE_STORAGE -> isStorage(helper, "inode_storage");
      case TASK_STORAGE -> isStorage(helper, "task_storage");
      case CGRP_STORAGE -> isStorage(helper, "cgrp_storage");
      case BLOOM_FILTER -> helper.equals("map_peek_elem") || helper.equals("map_push_elem");
      case HASH,
          ARRAY,
          PERCPU_HASH,
          PERCPU_ARRAY,
          LRU_HASH,
          LRU_PERCPU_HASH,
          LPM_TRIE,
          STRUCT_OPS,
          ARENA ->
          true;
    };
  }

  private static boolean isStorage(String helper, String storage) {
    return helper.equals(storage + "_get")
        || helper.equals(storage + "_delete")
        || helper.equals("kptr_xchg");
  }

  private static boolean mayUpdateSockets(Rules rules, String helper) {
    if (!helper.equals("map_update_elem") && !helper.equals("map_delete_elem")) {
      return false;
    }
    return switch (rules.type()) {
      case TRACING -> rules.isHook(AttachType.TRACE_ITER);
      case SOCK_OPS -> helper.equals("map_delete_elem");
      case SOCKET_FILTER, SCHED_CLS, SCHED_ACT, XDP, SK_REUSEPORT, FLOW_DISSECTOR, SK_LOOKUP ->
          true;
      default -> false;
    };
  }

  private static boolean helperTakes(String helper, MapType map) {
    if (PERF.contains(helper)) {
      return map == MapType.PERF_EVENT_ARRAY;
    }
    if (RING.contains(helper)) {
      return map == MapType.RINGBUF;
    }
    return switch (helper) {
      case "tail_call" -> map == MapType.PROG_ARRAY;
      case "user_ringbuf_drain" -> map == MapType.USER_RINGBUF;
      case "get_stackid" -> map == MapType.STACK_TRACE;
      case "current_task_under_cgroup", "skb_under_cgroup" -> map == MapType.CGROUP_ARRAY;
      case "redirect_map" ->
          map == MapType.DEVMAP
              || map == MapType.DEVMAP_HASH
              || map == MapType.CPUMAP
              || map == MapType.XSKMAP;
      case "sk_redirect_map", "msg_redirect_map", "sock_map_update" -> map == MapType.SOCKMAP;
      case "sk_redirect_hash", "msg_redirect_hash", "sock_hash_update" -> map == MapType.SOCKHASH;
      case "get_local_storage" ->
          map == MapType.CGROUP_STORAGE || map == MapType.PERCPU_CGROUP_STORAGE;
      case "sk_select_reuseport" ->
          map == MapType.REUSEPORT_SOCKARRAY || map == MapType.SOCKMAP || map == MapType.SOCKHASH;
      case "map_pop_elem" -> map == MapType.QUEUE || map == MapType.STACK;
      case "map_peek_elem", "map_push_elem" ->
          map == MapType.QUEUE || map == MapType.STACK || map == MapType.BLOOM_FILTER;
      case "map_lookup_percpu_elem" ->
          map == MapType.PERCPU_ARRAY
              || map == MapType.PERCPU_HASH
              || map == MapType.LRU_PERCPU_HASH;
      case "sk_storage_get", "sk_storage_delete" -> map == MapType.SK_STORAGE;
      case "inode_storage_get", "inode_storage_delete" -> map == MapType.INODE_STORAGE;
      case "task_storage_get", "task_storage_delete" -> map == MapType.TASK_STORAGE;
      case "cgrp_storage_get", "cgrp_storage_delete" -> map == MapType.CGRP_STORAGE;
      default -> true;
    };
  }
}
