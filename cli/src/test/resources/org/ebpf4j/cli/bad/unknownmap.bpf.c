// SPDX-License-Identifier: Apache-2.0
/* A map of a type that no kernel has. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, 200);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} strange SEC(".maps");

SEC("xdp")
int looks(struct xdp_md *context)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&strange, &key) ? XDP_PASS : XDP_DROP;
}
