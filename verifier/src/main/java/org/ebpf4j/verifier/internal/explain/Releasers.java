package org.ebpf4j.verifier.internal.explain;

/// What gives back what a helper or kernel function took, for people.
final class Releasers {
  private Releasers() {}

  /// @param acquirer the name of what was called, such as `bpf_ringbuf_reserve`
  static String of(String acquirer) {
    return switch (acquirer) {
      case "bpf_ringbuf_reserve" -> "bpf_ringbuf_submit or bpf_ringbuf_discard";
      case "bpf_ringbuf_reserve_dynptr" ->
          "bpf_ringbuf_submit_dynptr or bpf_ringbuf_discard_dynptr";
      case "bpf_sk_lookup_tcp",
          "bpf_sk_lookup_udp",
          "bpf_skc_lookup_tcp",
          // in maps of sockets; other lookups take nothing
          "bpf_map_lookup_elem" ->
          "bpf_sk_release";
      case "bpf_percpu_obj_new_impl" -> "bpf_percpu_obj_drop, or by putting it into a kptr";
      case "bpf_obj_new_impl",
          "bpf_refcount_acquire_impl",
          "bpf_rbtree_remove",
          "bpf_list_pop_front",
          "bpf_list_pop_back" ->
          "bpf_obj_drop, or by putting it into a list, a tree or a kptr";
      case "bpf_kptr_xchg" -> "the release function of its type, or another bpf_kptr_xchg";
      case "bpf_spin_lock" -> "bpf_spin_unlock";
      case "bpf_skb_ct_lookup", "bpf_xdp_ct_lookup" -> "bpf_ct_release";
      case "bpf_get_task_exe_file" -> "bpf_put_file";
      case "bpf_lookup_user_key", "bpf_lookup_system_key" -> "bpf_key_put";
      case "bpf_task_get_cgroup1" -> "bpf_cgroup_release";
      default -> byName(acquirer);
    };
  }

  /// Families of kernel functions name what takes and what gives back alike.
  private static String byName(String acquirer) {
    if (acquirer.contains("_acquire")) {
      return acquirer.replace("_acquire", "_release");
    }
    if (acquirer.endsWith("_new")) {
      return acquirer.replaceFirst("_new$", "_destroy");
    }
    if (acquirer.endsWith("_create")) {
      return acquirer.replaceFirst("_create$", "_release");
    }
    return acquirer.startsWith("bpf_task_")
        ? "bpf_task_release"
        : acquirer.startsWith("bpf_cgroup_")
            ? "bpf_cgroup_release"
            : "the release function of its type";
  }
}
