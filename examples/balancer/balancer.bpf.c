// SPDX-License-Identifier: Apache-2.0
/*
 * A load balancer for XDP: sends TCP and UDP packets for a virtual address (VIP) on to backends,
 * in an IP-in-IP tunnel (RFC 2003), through the router that they came from. The backend unpacks
 * the packet and answers the client directly.
 *
 * A connection's backend is found by Maglev's consistent hashing (Eisenbud and others, "Maglev: A
 * Fast and Reliable Software Network Load Balancer", NSDI 2016, section 3.4), so that adding or removing a
 * backend moves few connections; a table of connections keeps even those where they are.
 *
 * The maps start with the defaults below. Change the defaults in .rodata before loading; or change
 * `vips` and `backends` at any time, and set `rebuild` to 1: the next packet computes the ring anew.
 */
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define MAX_VIPS 64
#define MAX_BACKENDS 16                 /* a power of two */
#define RING_SIZE 251                   /* a prime, well above the number of backends */
#define DEFAULTS 4
#define TIME_TO_LIVE 64
#define DONT_FRAGMENT 0x4000

struct vip {
	__be32 address;
	__u16 port;                     /* in host byte order */
	__u8 protocol;
	__u8 reserved;
};

struct vip_stats {
	__u64 packets;
	__u64 bytes;
	__u64 connections;              /* as far as the table of connections can tell */
};

struct backend {
	__be32 address;                 /* 0: no backend here */
	__u32 reserved;
	__u64 packets;
	__u64 connections;
};

struct connection {
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	__u32 protocol;
};

#define ADDRESS(a, b, c, d) bpf_htonl((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

const volatile struct vip default_vips[DEFAULTS] = {
	{ ADDRESS(198, 51, 100, 1), 80, IPPROTO_TCP },
	{ ADDRESS(198, 51, 100, 1), 53, IPPROTO_UDP },
};
const volatile __be32 default_backends[DEFAULTS] = {
	ADDRESS(192, 0, 2, 101),
	ADDRESS(192, 0, 2, 102),
	ADDRESS(192, 0, 2, 103),
};
const volatile __be32 tunnel_source = ADDRESS(198, 51, 100, 1);

__u32 load_defaults = 1;
__u32 rebuild = 1;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_VIPS);
	__type(key, struct vip);
	__type(value, struct vip_stats);
} vips SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_BACKENDS);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

/* Slots of the hash ring: 1 + the number of a backend, 0 for none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RING_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} ring SEC(".maps");

/* The backend of each connection. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct connection);
	__type(value, __u32);
} connections SEC(".maps");

/* Spreads every bit of the input over all bits of the result. */
static __always_inline __u32 mix(__u32 bits)
{
	bits ^= bits >> 16;
	bits *= 0x7feb352d;
	bits ^= bits >> 15;
	bits *= 0x846ca68b;
	bits ^= bits >> 16;
	return bits;
}

/* How far the ring is filled. */
struct filling {
	__u32 tried[MAX_BACKENDS];      /* places that each backend has tried */
	__u32 turn;                     /* of this backend */
	__u32 filled;                   /* slots */
};

static long clear_slot(__u32 slot, void *argument)
{
	__u32 nobody = 0;

	bpf_map_update_elem(&ring, &slot, &nobody, BPF_ANY);
	return 0;
}

/*
 * The backend whose turn it is tries the next place of its own permutation of the slots. Once it
 * has found a free one, it is the next backend's turn.
 */
static long fill_slot(__u32 step, void *argument)
{
	struct filling *filling = argument;
	__u32 number = filling->turn & (MAX_BACKENDS - 1), key = number;
	struct backend *backend = bpf_map_lookup_elem(&backends, &key);
	__u32 start, stride, slot, *owner;

	if (!backend || !backend->address) {
		filling->turn++;
		return 0;
	}
	start = mix(backend->address);
	stride = mix(start) % (RING_SIZE - 1) + 1;
	slot = (start % RING_SIZE + filling->tried[number] * stride) % RING_SIZE;
	filling->tried[number]++;
	owner = bpf_map_lookup_elem(&ring, &slot);
	if (!owner || *owner)
		return 0;
	*owner = number + 1;
	filling->turn++;
	filling->filled++;
	return filling->filled == RING_SIZE;
}

/* Packets that meet a slot still empty are dropped meanwhile, and sent again by their senders. */
static __noinline int build_ring(void)
{
	struct filling filling = {};

	bpf_loop(RING_SIZE, clear_slot, NULL, 0);
	/* Enough for every backend to try every slot, and for the turns of those that are not there. */
	bpf_loop(2 * RING_SIZE * MAX_BACKENDS, fill_slot, &filling, 0);
	return 0;
}

static __noinline int add_defaults(void)
{
	for (__u32 i = 0; i < DEFAULTS; i++) {
		struct backend backend = { .address = default_backends[i] };
		struct vip_stats stats = {};
		struct vip vip = {
			.address = default_vips[i].address,
			.port = default_vips[i].port,
			.protocol = default_vips[i].protocol,
		};
		__u32 number = i;

		if (vip.address)
			bpf_map_update_elem(&vips, &vip, &stats, BPF_NOEXIST);
		if (backend.address)
			bpf_map_update_elem(&backends, &number, &backend, BPF_ANY);
	}
	return 0;
}

static __always_inline bool fresh_connection(const struct headers *headers, void *end)
{
	struct tcphdr *tcp = headers->transport;

	return headers->protocol == IPPROTO_TCP && (void *)(tcp + 1) <= end && tcp->syn && !tcp->ack;
}

/* The backend of a packet's connection, or NULL if the ring has none. */
static __always_inline struct backend *find_backend(const struct headers *headers,
						    const struct ports *ports, void *end,
						    struct vip_stats *stats)
{
	struct connection connection = {
		.source = headers->ip4->saddr,
		.destination = headers->ip4->daddr,
		.source_port = ports->source,
		.destination_port = ports->destination,
		.protocol = headers->protocol,
	};
	__u32 *known = NULL, *owner, slot, number;
	struct backend *backend;

	if (!fresh_connection(headers, end))
		known = bpf_map_lookup_elem(&connections, &connection);
	if (known) {
		number = *known;
		backend = bpf_map_lookup_elem(&backends, &number);
		if (backend && backend->address)
			return backend;
	}

	slot = mix(connection.source ^ mix(connection.destination ^ connection.protocol)) ^
	       ((__u32)connection.source_port << 16 | connection.destination_port);
	slot = mix(slot) % RING_SIZE;
	owner = bpf_map_lookup_elem(&ring, &slot);
	if (!owner || !*owner)
		return NULL;
	number = *owner - 1;
	backend = bpf_map_lookup_elem(&backends, &number);
	if (!backend || !backend->address)
		return NULL;
	bpf_map_update_elem(&connections, &connection, &number, BPF_ANY);
	__sync_fetch_and_add(&backend->connections, 1);
	__sync_fetch_and_add(&stats->connections, 1);
	return backend;
}

/* The Internet checksum of an IP header without options, its checksum field being 0 (RFC 1071). */
static __always_inline __u16 header_checksum(struct iphdr *ip4)
{
	__u32 sum = bpf_csum_diff(NULL, 0, (__be32 *)ip4, sizeof(*ip4), 0);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Puts an outer IP header in front of the packet's, and turns the frame around. */
static __always_inline int encapsulate(struct xdp_md *context, __be32 backend, __u8 service,
				       __u16 inner_length)
{
	struct ethhdr *before, *ethernet;
	struct iphdr *outer;
	void *data, *end;

	if (bpf_xdp_adjust_head(context, -(int)sizeof(struct iphdr)))
		return XDP_ABORTED;
	data = (void *)(long)context->data;
	end = (void *)(long)context->data_end;
	ethernet = data;
	outer = data + sizeof(*ethernet);
	before = data + sizeof(*outer);
	if ((void *)(outer + 1) > end || (void *)(before + 1) > end)
		return XDP_ABORTED;

	/* The old Ethernet header lies within the new IP header: it is read before that is written. */
	__builtin_memcpy(ethernet->h_dest, before->h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, before->h_dest, ETH_ALEN);
	ethernet->h_proto = bpf_htons(ETH_P_IP);

	outer->version = 4;
	outer->ihl = sizeof(*outer) / 4;
	outer->tos = service;
	outer->tot_len = bpf_htons(inner_length + sizeof(*outer));
	outer->id = 0;
	outer->frag_off = bpf_htons(DONT_FRAGMENT);
	outer->ttl = TIME_TO_LIVE;
	outer->protocol = IPPROTO_IPIP;
	outer->check = 0;
	outer->saddr = tunnel_source;
	outer->daddr = backend;
	outer->check = header_checksum(outer);
	return XDP_TX;
}

SEC("xdp")
int balancer(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct vip_stats *stats;
	struct headers headers;
	struct backend *backend;
	struct vip vip = {};
	struct ports *ports;

	if (load_defaults && __sync_val_compare_and_swap(&load_defaults, 1, 0) == 1)
		add_defaults();
	if (rebuild && __sync_val_compare_and_swap(&rebuild, 1, 0) == 1)
		build_ring();

	/* Of VLANs, IPv6 and later fragments it takes no care. */
	if (!find_headers(&headers, data, end) || headers.version != 4 ||
	    headers.ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ports = find_ports(&headers, end);
	if (!ports)
		return XDP_PASS;
	vip.address = headers.ip4->daddr;
	vip.port = bpf_ntohs(ports->destination);
	vip.protocol = headers.protocol;
	stats = bpf_map_lookup_elem(&vips, &vip);
	if (!stats)
		return XDP_PASS;

	backend = find_backend(&headers, ports, end, stats);
	if (!backend)
		return XDP_DROP;
	__sync_fetch_and_add(&stats->packets, 1);
	__sync_fetch_and_add(&stats->bytes, end - data);
	__sync_fetch_and_add(&backend->packets, 1);
	return encapsulate(context, backend->address, headers.ip4->tos,
			   bpf_ntohs(headers.ip4->tot_len));
}
