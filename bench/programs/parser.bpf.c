// SPDX-License-Identifier: Apache-2.0
/* Parses Ethernet, VLAN tags, IPv4 or IPv6 and the ports, and counts by protocol and by length in per-CPU arrays. */
#include "common.h"
#include <linux/in.h>
#include <linux/ipv6.h>

#define PROTOCOLS 256
#define LENGTHS 16

struct count {
	__u64 packets;
	__u64 bytes;
};

struct tag {
	__be16 control;
	__be16 type;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PROTOCOLS);
	__type(key, __u32);
	__type(value, struct count);
} protocols SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LENGTHS);
	__type(key, __u32);
	__type(value, struct count);
} lengths SEC(".maps");

static __always_inline void count(void *map, __u32 key, __u64 bytes)
{
	struct count *found = bpf_map_lookup_elem(map, &key);

	if (found) {
		found->packets++;
		found->bytes += bytes;
	}
}

SEC("xdp")
int parser(struct xdp_md *context)
{
	void *stop = end(context);
	struct ethhdr *ethernet = begin(context);
	void *next = ethernet + 1;
	__u64 bytes = (__u64)(stop - begin(context));
	__u32 protocol = 0;
	__be16 type;

	if (next > stop)
		return XDP_DROP;
	type = ethernet->h_proto;
	for (int i = 0; i < 2; i++) {
		struct tag *tag = next;

		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		next = tag + 1;
		if (next > stop)
			return XDP_DROP;
		type = tag->type;
	}
	if (type == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > stop)
			return XDP_DROP;
		protocol = ip->protocol;
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = next;

		if ((void *)(ip + 1) > stop)
			return XDP_DROP;
		protocol = ip->nexthdr;
	}
	count(&protocols, protocol & (PROTOCOLS - 1), bytes);
	count(&lengths, (bytes >> 7) & (LENGTHS - 1), bytes);
	return XDP_PASS;
}
