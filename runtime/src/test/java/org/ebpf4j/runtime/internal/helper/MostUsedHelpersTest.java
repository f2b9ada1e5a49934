package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The helpers that a count over 1,268 programs found in use, the most used first. The JVM host has
/// each of them; tail calls are the engine's own, see `JvmHostTest`.
class MostUsedHelpersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "map_lookup_elem",
        "map_update_elem",
        "get_current_pid_tgid",
        "ktime_get_ns",
        "perf_event_output",
        "map_delete_elem",
        "probe_read",
        "probe_read_str",
        "probe_read_kernel",
        "probe_read_kernel_str",
        "probe_read_user",
        "probe_read_user_str",
        "get_smp_processor_id",
        "skb_load_bytes",
        "skb_load_bytes_relative",
        "get_current_comm",
        "skb_store_bytes",
        "redirect",
        "csum_diff",
        "get_stackid",
        "trace_printk",
        "trace_vprintk",
        "fib_lookup",
        "l3_csum_replace",
        "l4_csum_replace",
        "get_prandom_u32",
        "redirect_neigh",
        "skb_set_tunnel_key",
        "skb_get_tunnel_key",
        "jiffies64",
        "ktime_get_boot_ns",
        "get_hash_recalc",
        "loop",
        "skb_change_head",
        "skb_change_tail",
        "skb_change_type",
        "skb_change_proto",
        "ringbuf_output",
        "ringbuf_reserve",
        "ringbuf_submit",
        "ringbuf_discard",
        "ringbuf_query",
        "get_current_uid_gid",
        "redirect_map",
        "xdp_adjust_head",
        "xdp_adjust_meta",
        "xdp_adjust_tail",
        "skb_adjust_room",
        "skb_pull_data",
        "get_socket_cookie",
        "get_stack",
        "sk_lookup_tcp",
        "sk_lookup_udp",
        "skc_lookup_tcp",
        "sk_release",
        "clone_redirect",
        "skb_vlan_push",
        "skb_vlan_pop",
        "for_each_map_elem",
        "timer_init",
        "timer_set_callback",
        "timer_start",
        "timer_cancel",
        "spin_lock",
        "spin_unlock",
        "strtol",
        "strtoul",
        "snprintf",
        "dynptr_from_mem",
        "dynptr_read",
        "dynptr_write",
        "dynptr_data",
        "ringbuf_reserve_dynptr",
        "ringbuf_submit_dynptr",
        "ringbuf_discard_dynptr",
        "kptr_xchg",
        "xdp_load_bytes",
        "xdp_store_bytes"
      })
  void theHostHasIt(String name) {
    HelperPrototype helper = Helpers.byName(name).orElseThrow();
    assertThat(HelperTable.all()).containsKey(helper.id());
  }
}
