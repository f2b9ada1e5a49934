// SPDX-License-Identifier: Apache-2.0
// A program of each kind, to compare what loaders tell the kernel. Some kernels refuse some of them.
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <bpf/bpf_helpers.h>

struct entry {
	__u64 count;
	__u32 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} first_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { &first_inner },
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 8);
	__uint(key_size, 8);
	__uint(value_size, 4);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
	__uint(value_size, 4);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_NUMA_NODE);
	__uint(numa_node, 0);
	__type(key, __u32);
	__type(value, __u32);
} near SEC(".maps");

const volatile __u32 limit = 7;
__u64 total;
__u32 initial = 3;

static __noinline int count(__u32 key)
{
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	total += initial;
	if (entry && entry->count < limit)
		entry->count++;
	return 0;
}

#define PROGRAM(name, section, result)                  \
	SEC(section)                                    \
	int name(void *context)                         \
	{                                               \
		count(1);                               \
		return result;                          \
	}

PROGRAM(socket_filter, "socket", 0)
PROGRAM(classifier, "tc", 0)
PROGRAM(act, "action", 0)
PROGRAM(xdp_plain, "xdp", XDP_PASS)
PROGRAM(xdp_frags, "xdp.frags", XDP_PASS)
PROGRAM(xdp_devmap, "xdp/devmap", XDP_PASS)
PROGRAM(xdp_cpumap, "xdp/cpumap", XDP_PASS)
PROGRAM(kprobe_open, "kprobe/do_sys_openat2", 0)
PROGRAM(kretprobe_open, "kretprobe/do_sys_openat2", 0)
PROGRAM(kprobe_many, "kprobe.multi/do_sys_*", 0)
PROGRAM(uprobe_main, "uprobe", 0)
PROGRAM(uprobe_sleeps, "uprobe.s", 0)
PROGRAM(on_system_call, "ksyscall/getpgid", 0)
PROGRAM(on_usdt, "usdt", 0)
PROGRAM(on_tracepoint, "tracepoint/syscalls/sys_enter_getpgid", 0)
PROGRAM(raw_switch, "raw_tracepoint/sched_switch", 0)
PROGRAM(raw_writable, "raw_tracepoint.w/sched_switch", 0)
PROGRAM(btf_switch, "tp_btf/sched_switch", 0)
PROGRAM(enter, "fentry/bpf_fentry_test1", 0)
PROGRAM(enter_sleeps, "fentry.s/__x64_sys_getpgid", 0)
PROGRAM(leave, "fexit/bpf_fentry_test1", 0)
PROGRAM(leave_sleeps, "fexit.s/__x64_sys_getpgid", 0)
PROGRAM(change_return, "fmod_ret/bpf_modify_return_test", 0)
PROGRAM(security, "lsm/file_open", 0)
PROGRAM(security_sleeps, "lsm.s/file_open", 0)
PROGRAM(security_cgroup, "lsm_cgroup/socket_bind", 1)
PROGRAM(each_task, "iter/task", 0)
PROGRAM(each_map_sleeps, "iter.s/bpf_map", 0)
PROGRAM(on_perf_event, "perf_event", 0)
PROGRAM(system_call, "syscall", 0)
PROGRAM(tunnel_in, "lwt_in", 0)
PROGRAM(tunnel_out, "lwt_out", 0)
PROGRAM(tunnel_send, "lwt_xmit", 0)
PROGRAM(tunnel_local, "lwt_seg6local", 0)
PROGRAM(dissect, "flow_dissector", BPF_OK)
PROGRAM(on_socket_event, "sockops", 0)
PROGRAM(stream_parse, "sk_skb/stream_parser", 0)
PROGRAM(stream_verdict, "sk_skb/stream_verdict", SK_PASS)
PROGRAM(message, "sk_msg", SK_PASS)
PROGRAM(choose_socket, "sk_reuseport", SK_PASS)
PROGRAM(move_socket, "sk_reuseport/migrate", SK_PASS)
PROGRAM(find_socket, "sk_lookup", SK_PASS)
PROGRAM(group_in, "cgroup_skb/ingress", 1)
PROGRAM(group_out, "cgroup_skb/egress", 1)
PROGRAM(group_socket, "cgroup/sock_create", 1)
PROGRAM(group_release, "cgroup/sock_release", 1)
PROGRAM(group_bound, "cgroup/post_bind4", 1)
PROGRAM(group_bind, "cgroup/bind4", 1)
PROGRAM(group_connect, "cgroup/connect4", 1)
PROGRAM(group_connect6, "cgroup/connect6", 1)
PROGRAM(group_send, "cgroup/sendmsg4", 1)
PROGRAM(group_receive, "cgroup/recvmsg6", 1)
PROGRAM(group_peer, "cgroup/getpeername4", 1)
PROGRAM(group_get, "cgroup/getsockopt", 1)
PROGRAM(group_set, "cgroup/setsockopt", 1)
PROGRAM(group_sysctl, "cgroup/sysctl", 1)
PROGRAM(group_device, "cgroup/dev", 1)

char LICENSE[] SEC("license") = "GPL";
