// SPDX-License-Identifier: Apache-2.0
/* As flows.bpf.c, but each CPU counts by itself, so that plain additions do. */
#include "common.h"

struct flow {
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	__u32 protocol;
};

struct count {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow);
	__type(value, struct count);
} flows SEC(".maps");

SEC("xdp")
int count_flows_per_cpu(struct xdp_md *context)
{
	void *stop = end(context);
	struct ethhdr *ethernet = begin(context);
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *ports = (void *)(ip + 1);
	struct flow flow = {};
	struct count *found;
	__u64 bytes = (__u64)(stop - begin(context));

	if ((void *)(ports + 1) > stop || ethernet->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return XDP_PASS;
	flow.source = ip->saddr;
	flow.destination = ip->daddr;
	flow.source_port = ports->source;
	flow.destination_port = ports->dest;
	flow.protocol = ip->protocol;
	found = bpf_map_lookup_elem(&flows, &flow);
	if (found) {
		found->packets++;
		found->bytes += bytes;
	} else {
		struct count first = { .packets = 1, .bytes = bytes };

		bpf_map_update_elem(&flows, &flow, &first, BPF_ANY);
	}
	return XDP_PASS;
}
