// SPDX-License-Identifier: Apache-2.0
// A struct of kernel functions, to compare what loaders tell the kernel. An object of its own: libbpf
// 1.1 needs all of its programs to be of this kind when it loads them one by one.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *socket);
	void (*cong_avoid)(struct sock *socket, __u32 acknowledged, __u32 received);
	__u32 (*undo_cwnd)(struct sock *socket);
	char name[16];
};

SEC("struct_ops/slow_start")
int slow_start(void *context)
{
	return 2;
}

SEC("struct_ops/avoid")
int avoid(void *context)
{
	return 0;
}

SEC("struct_ops/undo")
int undo(void *context)
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops steady = {
	.ssthresh = (void *)slow_start,
	.cong_avoid = (void *)avoid,
	.undo_cwnd = (void *)undo,
	.name = "steady",
};

char LICENSE[] SEC("license") = "GPL";
