package org.ebpf4j.verifier.internal.rules;

import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.ProgramType;

/// Helpers that programs of all types may call.
final class HelperAvailability {
  private static final Set<String> PRIVILEGED =
      Set.of(
          "spin_lock",
          "spin_unlock",
          "jiffies64",
          "per_cpu_ptr",
          "this_cpu_ptr",
          "timer_init",
          "timer_set_callback",
          "timer_start",
          "timer_cancel",
          "kptr_xchg",
          "for_each_map_elem",
          "loop",
          "user_ringbuf_drain",
          "ringbuf_reserve_dynptr",
          "ringbuf_submit_dynptr",
          "ringbuf_discard_dynptr",
          "dynptr_from_mem",
          "dynptr_read",
          "dynptr_write",
          "dynptr_data",
          "cgrp_storage_get",
          "cgrp_storage_delete",
          "get_current_cgroup_id",
          "get_current_ancestor_cgroup_id",
          "current_task_under_cgroup",
          "trace_printk",
          "get_current_task",
          "get_current_task_btf",
          "probe_read_user",
          "probe_read_kernel",
          "probe_read_user_str",
          "probe_read_kernel_str",
          "snprintf_btf",
          "snprintf",
          "task_pt_regs",
          "trace_vprintk",
          "get_current_uid_gid",
          "get_current_comm",
          "get_cgroup_classid");

  private HelperAvailability() {}

  /// Whether a helper that every program type has is for those with `CAP_BPF` or `CAP_PERFMON`
  /// only. Source: `bpf_base_func_proto`.
  static boolean isPrivileged(HelperPrototype helper) {
    return PRIVILEGED.contains(helper.name()) || helper.name().startsWith("skc_to_");
  }

  /// Whether programs of every type that Linux was asked about may call a helper.
  static boolean isCommon(HelperPrototype helper) {
    for (ProgramType type : ProgramType.values()) {
      Optional<Set<Integer>> allowed = HelperPermissions.of(type);
      if (allowed.isPresent() && !allowed.get().contains(helper.id())) {
        return false;
      }
    }
    return true;
  }
}
