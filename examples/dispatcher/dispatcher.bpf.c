// SPDX-License-Identifier: Apache-2.0
/*
 * A dispatcher for XDP: hands each packet to a program of its own by IP protocol, with tail calls
 * through a table that the object brings along. Replace an entry to change how a protocol is
 * handled, or delete it to let its packets pass.
 */
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MORE_FRAGMENTS 0x2000

/* RFC 792 and RFC 4443 section 4: what every message of ICMP begins with, and two of the types each. */
struct icmp_header {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest;
};

#define ICMP_ECHO_REPLY 0
#define ICMP_ECHO_REQUEST 8
#define ICMP6_ECHO_REQUEST 128
#define ICMP6_ECHO_REPLY 129

enum handler {
	DISPATCHER,                     /* what no handler took */
	HANDLER_TCP,
	HANDLER_UDP,
	HANDLER_ICMP,
	HANDLER_ICMP6,
	HANDLERS,
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HANDLERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

/* TCP segments by flag: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} tcp_flags SEC(".maps");

int on_tcp(struct xdp_md *context);
int on_udp(struct xdp_md *context);
int on_icmp(struct xdp_md *context);
int on_icmp6(struct xdp_md *context);

/* Handlers by IP protocol number. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 256);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} handlers SEC(".maps") = {
	.values = {
		[IPPROTO_TCP] = (void *)&on_tcp,
		[IPPROTO_UDP] = (void *)&on_udp,
		[IPPROTO_ICMP] = (void *)&on_icmp,
		[IPPROTO_ICMPV6] = (void *)&on_icmp6,
	},
};

static __noinline int count(struct xdp_md *context, __u32 handler)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &handler);

	if (counter) {
		counter->packets++;
		counter->bytes += context->data_end - context->data;
	}
	return 0;
}

static __noinline int count_flags(__u8 flags)
{
	for (__u32 bit = 0; bit < 8; bit++) {
		__u32 key = bit;
		__u64 *segments;

		if (!(flags & 1 << bit))
			continue;
		segments = bpf_map_lookup_elem(&tcp_flags, &key);
		if (segments)
			__sync_fetch_and_add(segments, 1);
	}
	return 0;
}

/* What the checksum becomes when a 16-bit word of the data changes (RFC 1624). */
static __always_inline __u16 updated_checksum(__u16 checksum, __u16 before, __u16 after)
{
	__u32 sum = (__u16)~checksum + (__u16)~before + after;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Makes a reply of an echo request, but for the addresses of IP. */
static __always_inline void turn_around(struct ethhdr *ethernet, struct icmp_header *icmp, __u8 reply)
{
	__u8 source[ETH_ALEN];

	icmp->checksum = updated_checksum(icmp->checksum, bpf_htons(icmp->type << 8),
					  bpf_htons(reply << 8));
	icmp->type = reply;
	__builtin_memcpy(source, ethernet->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, ethernet->h_dest, ETH_ALEN);
	__builtin_memcpy(ethernet->h_dest, source, ETH_ALEN);
}

SEC("xdp")
int on_tcp(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct headers headers;
	struct tcphdr *tcp;

	count(context, HANDLER_TCP);
	if (!find_headers(&headers, data, end) || !headers.version || headers.later_fragment)
		return XDP_PASS;
	tcp = headers.transport;
	if ((void *)(tcp + 1) > end)
		return XDP_DROP;
	count_flags(((__u8 *)tcp)[13]);
	return XDP_PASS;
}

SEC("xdp")
int on_udp(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct headers headers;
	struct udphdr *udp;

	count(context, HANDLER_UDP);
	if (!find_headers(&headers, data, end) || !headers.version || headers.later_fragment)
		return XDP_PASS;
	udp = headers.transport;
	if ((void *)(udp + 1) > end || bpf_ntohs(udp->len) < sizeof(*udp))
		return XDP_DROP;
	return XDP_PASS;
}

/* Answers an echo request by itself, without the network stack. Fragments are left to the stack. */
SEC("xdp")
int on_icmp(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct headers headers;
	struct icmp_header *icmp;
	__be32 source;

	count(context, HANDLER_ICMP);
	if (!find_headers(&headers, data, end) || headers.version != 4 || headers.later_fragment ||
	    headers.ip4->frag_off & bpf_htons(MORE_FRAGMENTS))
		return XDP_PASS;
	icmp = headers.transport;
	if ((void *)(icmp + 1) > end)
		return XDP_DROP;
	if (icmp->type != ICMP_ECHO_REQUEST)
		return XDP_PASS;
	turn_around(headers.ethernet, icmp, ICMP_ECHO_REPLY);
	source = headers.ip4->saddr;
	headers.ip4->saddr = headers.ip4->daddr;
	headers.ip4->daddr = source;
	return XDP_TX;
}

/* The same for IPv6, whose checksum is over the addresses, too, but not over their order. */
SEC("xdp")
int on_icmp6(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct headers headers;
	struct icmp_header *icmp;
	struct in6_addr source;

	count(context, HANDLER_ICMP6);
	/* Directly after the IPv6 header: what has extension headers may be a fragment. */
	if (!find_headers(&headers, data, end) || headers.version != 6 ||
	    headers.ip6->nexthdr != IPPROTO_ICMPV6)
		return XDP_PASS;
	icmp = headers.transport;
	if ((void *)(icmp + 1) > end)
		return XDP_DROP;
	if (icmp->type != ICMP6_ECHO_REQUEST)
		return XDP_PASS;
	turn_around(headers.ethernet, icmp, ICMP6_ECHO_REPLY);
	source = headers.ip6->saddr;
	headers.ip6->saddr = headers.ip6->daddr;
	headers.ip6->daddr = source;
	return XDP_TX;
}

SEC("xdp")
int dispatcher(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct headers headers;

	if (!find_headers(&headers, data, end)) {
		count(context, DISPATCHER);
		return XDP_DROP;
	}
	if (headers.version)
		bpf_tail_call(context, &handlers, headers.protocol);
	/* Here only if there is no handler: a tail call does not return. */
	count(context, DISPATCHER);
	return XDP_PASS;
}
