// SPDX-License-Identifier: Apache-2.0
/* A chain of 32 tail calls through one program array. */
#include "common.h"

#define CALLS 32

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} left SEC(".maps");

int link_of_chain(struct xdp_md *context);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, int(struct xdp_md *));
} chain SEC(".maps") = {
	.values = { [0] = (void *)&link_of_chain },
};

SEC("xdp")
int link_of_chain(struct xdp_md *context)
{
	__u32 key = 0;
	__u32 *count = bpf_map_lookup_elem(&left, &key);

	if (count && (*count)-- > 0)
		bpf_tail_call(context, &chain, 0);
	return XDP_PASS;
}

SEC("xdp")
int start_of_chain(struct xdp_md *context)
{
	__u32 key = 0;
	__u32 *count = bpf_map_lookup_elem(&left, &key);

	if (count)
		*count = CALLS - 1;
	bpf_tail_call(context, &chain, 0);
	return XDP_ABORTED;
}
