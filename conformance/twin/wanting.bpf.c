// SPDX-License-Identifier: Apache-2.0
// Programs that cannot be loaded, to see what is said about it, and one that can.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} small SEC(".maps");

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern void no_such_function(void) __ksym;

SEC("xdp")
int fine(struct xdp_md *context)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&small, &key) ? XDP_DROP : XDP_PASS;
}

SEC("?xdp")
int unresolved(struct xdp_md *context)
{
	no_such_function();
	return XDP_PASS;
}

SEC("?xdp")
int refused(struct xdp_md *context)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&small, &key);

	return *value;
}

SEC("?raw_tp/sched_switch")
int adjusted(void *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return BPF_CORE_READ(task, pid);
}

char LICENSE[] SEC("license") = "GPL";
