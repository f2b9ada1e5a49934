// SPDX-License-Identifier: Apache-2.0
/*
 * What everyone gets wrong once: programs that compile without a warning and that Linux refuses.
 * `ebpf verify` says why, where, with which packet, and what would make them pass.
 */
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} protocols SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

/* The Ethernet header is checked, the IP header behind it is not. */
SEC("xdp")
int reads_beyond_the_packet(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = data + sizeof(*ethernet);

	if (data + sizeof(*ethernet) > end)
		return XDP_DROP;
	if (ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return ip->protocol == IPPROTO_UDP ? XDP_DROP : XDP_PASS;
}

/* A lookup may find nothing, even in an array. */
SEC("xdp")
int forgets_that_lookups_fail(struct xdp_md *context)
{
	__u32 key = context->rx_queue_index;
	__u64 *count = bpf_map_lookup_elem(&protocols, &key);

	*count += 1;
	return XDP_PASS;
}

/* The record is given back on one of two ways. */
SEC("xdp")
int leaks_a_record(struct xdp_md *context)
{
	__u64 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return XDP_PASS;
	*record = bpf_ktime_get_ns();
	if (*record & 1)
		return XDP_DROP;
	bpf_ringbuf_submit(record, 0);
	return XDP_PASS;
}

/* A number from the packet is up to 255, and the array on the stack has 16 elements. */
SEC("xdp")
int trusts_a_number(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	__u8 seen[16] = {};
	__u8 *first = data;

	if (data + 1 > end)
		return XDP_DROP;
	seen[*first] = 1;
	return seen[3] ? XDP_PASS : XDP_DROP;
}

/* Nobody can say when this ends. */
SEC("xdp")
int never_ends(struct xdp_md *context)
{
	volatile __u32 left = bpf_get_prandom_u32();

	while (left)
		left = bpf_get_prandom_u32();
	return XDP_PASS;
}
