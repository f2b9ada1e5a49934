// SPDX-License-Identifier: Apache-2.0
/* A counter in a map that is found in a map: two lookups for each packet. */
#include "common.h"

struct counters {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct counters);
} outer SEC(".maps") = {
	.values = { &inner },
};

SEC("xdp")
int count_nested(struct xdp_md *context)
{
	__u32 key = 0;
	void *found = bpf_map_lookup_elem(&outer, &key);
	__u64 *counter;

	if (!found)
		return XDP_ABORTED;
	counter = bpf_map_lookup_elem(found, &key);
	if (!counter)
		return XDP_ABORTED;
	*counter += 1;
	return XDP_PASS;
}
