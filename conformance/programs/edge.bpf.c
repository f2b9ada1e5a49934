// A balancer at the edge of a network, in the style of those that large sites run: services by address and port, servers
// by a ring of consistent hashing, connections in a table of each CPU's own, QUIC by the server's number in the
// connection's id, ICMP sent to the server of the packet that it complains of, and packets sent on in IP-in-IP or in UDP.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPPROTO_HOPOPTS 0
#define IPPROTO_ROUTING 43
#define IPPROTO_ICMPV6 58
#define IPPROTO_DSTOPTS 60
#define MAX_EXTENSIONS 4
#define MAX_SERVERS 1024
#define RING_SIZE 65537
#define MAX_SERVICES 64
#define MAX_CPUS 64
#define UDP_TIMEOUT 30000000000ULL
#define ENCAPSULATION_PORT 9886

#define SERVICE_NO_SOURCE_PORT 1
#define SERVICE_NO_TABLE 2
#define SERVICE_QUIC 4
#define SERVICE_HASH_TARGET_PORT 8
#define SERVER_IPV6 1
#define SERVER_IN_UDP 2

#define F_SYN 1
#define F_RESET 2
#define F_ICMP 4

char LICENSE[] SEC("license") = "GPL";

struct address {
	union {
		__u32 v4;
		__u32 v6[4];
	};
};

struct service_key {
	struct address address;
	__u16 port;
	__u8 protocol;
	__u8 pad;
};

struct service {
	__u32 flags;
	__u32 number;
};

struct flow {
	struct address source;
	struct address target;
	__u16 ports[2];
	__u8 protocol;
	__u8 pad[3];
};

struct destination {
	struct address address;
	__u32 flags;
};

struct connection {
	__u32 server;
	__u32 pad;
	__u64 seen;
};

// Headers whose shape no kernel changes.
struct extension {
	__u8 next;
	__u8 length;
};

struct complaint {
	__u8 type;
	__u8 code;
	__u16 check;
	__u32 rest;
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SERVICES);
	__type(key, struct service_key);
	__type(value, struct service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVICES * RING_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, struct destination);
} servers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, __u32);
} quic_servers SEC(".maps");

struct table {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1000);
	__type(key, struct flow);
	__type(value, struct connection);
} first_table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__array(values, struct table);
} tables SEC(".maps") = {
	.values = { &first_table },
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct address);
	__type(value, struct counter);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_SERVICES * 2);
	__type(key, __u32);
	__type(value, struct counter);
} service_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_SERVERS);
	__type(key, __u32);
	__type(value, struct counter);
} server_counters SEC(".maps");

enum event {
	EVENT_TABLE_HIT,
	EVENT_TABLE_MISS,
	EVENT_NO_TABLE,
	EVENT_QUIC_BY_ID,
	EVENT_QUIC_BY_HASH,
	EVENT_ICMP,
	EVENT_TOO_BIG,
	EVENT_RATE,
	EVENTS
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENTS);
	__type(key, __u32);
	__type(value, struct counter);
} events SEC(".maps");

const volatile __u8 gateway[6] = { 2, 0, 0, 0, 0, 1 };
const volatile __u32 own_v4 = 0x0a00000a;
const volatile __u32 own_v6[4] = { 0xfd, 0, 0, 1 };
const volatile __u32 new_connections_per_second = 100000;

// Loads of the context as they stand, which the compiler must not merge into one at a computed offset.
static __always_inline void *start_of(struct xdp_md *ctx)
{
	void *start;

	asm volatile("%0 = *(u32 *)(%1 + 0)" : "=r"(start) : "r"(ctx));
	return start;
}

static __always_inline void *end_of(struct xdp_md *ctx)
{
	void *end;

	asm volatile("%0 = *(u32 *)(%1 + 4)" : "=r"(end) : "r"(ctx));
	return end;
}

static __always_inline void add(void *map, __u32 key, __u64 bytes)
{
	struct counter *counter = bpf_map_lookup_elem(map, &key);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

static __always_inline __u32 rotate(__u32 word, __u32 by)
{
	return word << by | word >> (32 - by);
}

// Bob Jenkins' mixing of three words.
static __always_inline __u32 mix(__u32 a, __u32 b, __u32 c)
{
	c ^= b;
	c -= rotate(b, 14);
	a ^= c;
	a -= rotate(c, 11);
	b ^= a;
	b -= rotate(a, 25);
	c ^= b;
	c -= rotate(b, 16);
	a ^= c;
	a -= rotate(c, 4);
	b ^= a;
	b -= rotate(a, 14);
	c ^= b;
	c -= rotate(b, 24);
	return c;
}

static __always_inline __u32 hash_of(const struct flow *flow, bool v6, bool with_ports)
{
	__u32 ports = with_ports ? *(const __u32 *)flow->ports : flow->ports[1];
	__u32 source = flow->source.v4;

	if (v6) {
		source = mix(flow->source.v6[0], flow->source.v6[1], 0x9e3779b9);
		source = mix(flow->source.v6[2], flow->source.v6[3], source);
	}
	return mix(source, ports, flow->protocol);
}

struct packet {
	struct flow flow;
	__u32 transport;
	__u32 bytes;
	__u8 flags;
	__u8 tos;
	bool v6;
};

// Finds the transport header of an IPv6 packet; 0 if there is none that this knows.
static __noinline __u32 skip_extensions(struct xdp_md *ctx, __u32 offset, __u8 next, __u8 *protocol)
{
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		void *data = start_of(ctx);
		void *end = end_of(ctx);
		struct extension *extension;

		if (next == IPPROTO_TCP || next == IPPROTO_UDP || next == IPPROTO_ICMPV6) {
			*protocol = next;
			return offset;
		}
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS)
			return 0;
		if (offset > 512)
			return 0;
		extension = data + offset;
		if ((void *)(extension + 1) > end)
			return 0;
		next = extension->next;
		offset += (extension->length + 1) * 8;
	}
	return 0;
}

static __always_inline int parse_v4(struct packet *packet, struct iphdr *ip, void *end, __u32 offset)
{
	if ((void *)(ip + 1) > end || ip->ihl < 5)
		return -1;
	if (ip->frag_off & bpf_htons(0x3fff))
		return -1;
	packet->flow.source.v4 = ip->saddr;
	packet->flow.target.v4 = ip->daddr;
	packet->flow.protocol = ip->protocol;
	packet->tos = ip->tos;
	packet->bytes = bpf_ntohs(ip->tot_len);
	packet->transport = offset + ip->ihl * 4;
	return 0;
}

static __always_inline int parse_v6(struct xdp_md *ctx, struct packet *packet, struct ipv6hdr *ip, void *end,
				    __u32 offset)
{
	if ((void *)(ip + 1) > end)
		return -1;
	__builtin_memcpy(packet->flow.source.v6, &ip->saddr, 16);
	__builtin_memcpy(packet->flow.target.v6, &ip->daddr, 16);
	packet->v6 = true;
	packet->tos = ip->priority << 4;
	packet->bytes = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	packet->transport = skip_extensions(ctx, offset + sizeof(*ip), ip->nexthdr, &packet->flow.protocol);
	return packet->transport ? 0 : -1;
}

static __always_inline void turn(struct flow *flow)
{
	struct address address = flow->source;
	__u16 port = flow->ports[0];

	flow->source = flow->target;
	flow->target = address;
	flow->ports[0] = flow->ports[1];
	flow->ports[1] = port;
}

// What complains of a packet goes where that packet's answers go.
static __always_inline int parse_complaint(struct xdp_md *ctx, struct packet *packet)
{
	void *data = start_of(ctx);
	void *end = end_of(ctx);
	__u32 offset = packet->transport + 8;

	if (packet->transport > 512)
		return -1;
	packet->flags |= F_ICMP;
	if (packet->v6) {
		struct complaint *icmp = data + packet->transport;

		if ((void *)(icmp + 1) > end || icmp->type > 4)
			return -1;
		if (icmp->type == 2)
			add(&events, EVENT_TOO_BIG, 1);
		if (parse_v6(ctx, packet, data + offset, end, offset) < 0)
			return -1;
	} else {
		struct complaint *icmp = data + packet->transport;

		if ((void *)(icmp + 1) > end || icmp->type != 3)
			return -1;
		if (icmp->code == 4)
			add(&events, EVENT_TOO_BIG, 1);
		if (parse_v4(packet, data + offset, end, offset) < 0)
			return -1;
	}
	add(&events, EVENT_ICMP, packet->bytes);
	return 0;
}

static __always_inline int parse_ports(struct xdp_md *ctx, struct packet *packet)
{
	void *data = start_of(ctx);
	void *end = end_of(ctx);

	if (packet->transport > 1024)
		return -1;
	if (packet->flow.protocol == IPPROTO_TCP) {
		struct tcphdr *tcp = data + packet->transport;

		if ((void *)tcp + 8 > end)
			return -1;
		packet->flow.ports[0] = tcp->source;
		packet->flow.ports[1] = tcp->dest;
		if (packet->flags & F_ICMP)
			return 0;
		if ((void *)(tcp + 1) > end)
			return -1;
		packet->flags |= (tcp->syn ? F_SYN : 0) | (tcp->rst ? F_RESET : 0);
		return 0;
	}
	if (packet->flow.protocol == IPPROTO_UDP) {
		struct udphdr *udp = data + packet->transport;

		if ((void *)(udp + 1) > end)
			return -1;
		packet->flow.ports[0] = udp->source;
		packet->flow.ports[1] = udp->dest;
		return 0;
	}
	return -1;
}

// The server that the connection's id names: a byte of version, three of a server's number.
static __always_inline __u32 server_of_quic(struct xdp_md *ctx, struct packet *packet)
{
	void *data = start_of(ctx);
	void *end = end_of(ctx);
	__u8 *quic = data + packet->transport + sizeof(struct udphdr);
	__u8 *id;
	__u32 key;
	__u32 *server;

	if (packet->transport > 1024 || (void *)(quic + 1) > end)
		return 0;
	if (*quic & 0x80) {
		// The long form: version and the length of the id come first. Clients choose the id of initial packets.
		if ((void *)(quic + 6) > end || (*quic & 0x30) < 0x20 || quic[5] < 8)
			return 0;
		id = quic + 6;
	} else {
		id = quic + 1;
	}
	if ((void *)(id + 8) > end)
		return 0;
	switch (id[0] >> 6) {
	case 1:
		key = (id[0] & 0x3f) << 10 | id[1] << 2 | id[2] >> 6;
		break;
	case 2:
		key = id[1] << 16 | id[2] << 8 | id[3];
		break;
	case 3:
		key = id[1] << 24 | id[2] << 16 | id[3] << 8 | id[4];
		break;
	default:
		return 0;
	}
	server = bpf_map_lookup_elem(&quic_servers, &key);
	return server && *server < MAX_SERVERS ? *server : 0;
}

static __u64 second;
static __u64 opened;

static __always_inline bool floods(__u64 now)
{
	if (now - second > 1000000000) {
		second = now;
		opened = 1;
		return false;
	}
	return ++opened > new_connections_per_second;
}

static __always_inline __u32 server_of_ring(struct packet *packet, struct service *service)
{
	__u32 place = hash_of(&packet->flow, packet->v6, !(service->flags & SERVICE_HASH_TARGET_PORT)) % RING_SIZE;
	__u32 key = service->number * RING_SIZE + place;
	__u32 *server = bpf_map_lookup_elem(&rings, &key);

	return server ? *server : 0;
}

static __always_inline __u32 server_of_table(struct packet *packet, struct service *service, void *table)
{
	struct connection *known;
	struct connection made = {};
	__u64 now = bpf_ktime_get_ns();

	known = bpf_map_lookup_elem(table, &packet->flow);
	if (known && !(packet->flags & F_SYN)) {
		if (packet->flow.protocol != IPPROTO_UDP || now - known->seen < UDP_TIMEOUT) {
			known->seen = now;
			add(&events, EVENT_TABLE_HIT, packet->bytes);
			return known->server;
		}
	}
	add(&events, EVENT_TABLE_MISS, packet->bytes);
	made.server = server_of_ring(packet, service);
	made.seen = now;
	if (floods(now)) {
		add(&events, EVENT_RATE, packet->bytes);
		return made.server;
	}
	if (made.server && !(packet->flags & (F_RESET | F_ICMP)))
		bpf_map_update_elem(table, &packet->flow, &made, BPF_ANY);
	return made.server;
}

static __always_inline __u32 choose(struct xdp_md *ctx, struct packet *packet, struct service *service)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u32 server;
	void *table;

	if (service->flags & SERVICE_QUIC) {
		server = server_of_quic(ctx, packet);
		if (server) {
			add(&events, EVENT_QUIC_BY_ID, packet->bytes);
			return server;
		}
		add(&events, EVENT_QUIC_BY_HASH, packet->bytes);
	}
	if (service->flags & SERVICE_NO_SOURCE_PORT)
		packet->flow.ports[0] = 0;
	if (service->flags & SERVICE_NO_TABLE)
		return server_of_ring(packet, service);
	table = bpf_map_lookup_elem(&tables, &cpu);
	if (!table) {
		add(&events, EVENT_NO_TABLE, packet->bytes);
		return server_of_ring(packet, service);
	}
	return server_of_table(packet, service, table);
}

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline void outer_v4(struct iphdr *ip, struct packet *packet, __u32 target, __u16 bytes, __u8 protocol)
{
	__u16 *words = (__u16 *)ip;
	__u32 sum = 0;

	ip->version = 4;
	ip->ihl = 5;
	ip->tos = packet->tos;
	ip->tot_len = bpf_htons(bytes);
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->protocol = protocol;
	ip->check = 0;
	ip->saddr = own_v4 ^ (packet->flow.source.v4 & 0xffff0000);
	ip->daddr = target;
#pragma unroll
	for (int i = 0; i < 10; i++)
		sum += words[i];
	ip->check = fold(sum);
}

static __always_inline void outer_v6(struct ipv6hdr *ip, struct packet *packet, const __u32 *target, __u16 bytes,
				     __u8 protocol)
{
	ip->version = 6;
	ip->priority = packet->tos >> 4;
	__builtin_memset(ip->flow_lbl, 0, sizeof(ip->flow_lbl));
	ip->payload_len = bpf_htons(bytes);
	ip->nexthdr = protocol;
	ip->hop_limit = 64;
	for (int i = 0; i < 4; i++)
		ip->saddr.in6_u.u6_addr32[i] = own_v6[i];
	ip->saddr.in6_u.u6_addr32[2] ^= packet->flow.source.v6[3];
	__builtin_memcpy(&ip->daddr, target, 16);
}

static __always_inline int send(struct xdp_md *ctx, struct packet *packet, struct destination *server)
{
	bool out6 = server->flags & SERVER_IPV6;
	bool udp = server->flags & SERVER_IN_UDP;
	int grows = (out6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + (udp ? sizeof(struct udphdr) : 0);
	__u16 inner = packet->bytes;
	__u8 protocol = udp ? IPPROTO_UDP : packet->v6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
	struct ethhdr *old, *eth;
	void *data, *end, *next;

	if (bpf_xdp_adjust_head(ctx, -grows))
		return XDP_DROP;
	data = start_of(ctx);
	end = end_of(ctx);
	eth = data;
	old = data + grows;
	if ((void *)(eth + 1) > end || (void *)(old + 1) > end)
		return XDP_DROP;
	__builtin_memcpy(eth->h_source, old->h_dest, 6);
	for (int i = 0; i < 6; i++)
		eth->h_dest[i] = gateway[i];
	eth->h_proto = out6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	next = eth + 1;
	if (out6) {
		struct ipv6hdr *ip = next;

		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		outer_v6(ip, packet, server->address.v6, inner + (udp ? sizeof(struct udphdr) : 0), protocol);
		next = ip + 1;
	} else {
		struct iphdr *ip = next;

		if ((void *)(ip + 1) > end)
			return XDP_DROP;
		outer_v4(ip, packet, server->address.v4, inner + grows, protocol);
		next = ip + 1;
	}
	if (udp) {
		struct udphdr *header = next;

		if ((void *)(header + 1) > end)
			return XDP_DROP;
		header->source = bpf_htons(0x8000 | (hash_of(&packet->flow, packet->v6, true) & 0x7fff));
		header->dest = bpf_htons(ENCAPSULATION_PORT);
		header->len = bpf_htons(inner + sizeof(*header));
		header->check = 0;
	}
	return XDP_TX;
}

static __always_inline int balance(struct xdp_md *ctx, bool v6)
{
	void *data = start_of(ctx);
	void *end = end_of(ctx);
	struct packet packet = {};
	struct service_key key = {};
	struct service *service;
	struct destination *server;
	__u32 number;

	if (v6) {
		if (parse_v6(ctx, &packet, data + sizeof(struct ethhdr), end, sizeof(struct ethhdr)) < 0)
			return XDP_PASS;
	} else if (parse_v4(&packet, data + sizeof(struct ethhdr), end, sizeof(struct ethhdr)) < 0) {
		return XDP_PASS;
	}
	if (packet.flow.protocol == IPPROTO_ICMP || packet.flow.protocol == IPPROTO_ICMPV6) {
		if (parse_complaint(ctx, &packet) < 0)
			return XDP_PASS;
	}
	if (parse_ports(ctx, &packet) < 0)
		return XDP_PASS;
	if (packet.flags & F_ICMP)
		turn(&packet.flow);
	key.address = packet.flow.target;
	key.port = packet.flow.ports[1];
	key.protocol = packet.flow.protocol;
	service = bpf_map_lookup_elem(&services, &key);
	if (!service) {
		key.port = 0;
		service = bpf_map_lookup_elem(&services, &key);
		if (!service)
			return XDP_PASS;
	}
	if (service->number >= MAX_SERVICES)
		return XDP_DROP;
	number = choose(ctx, &packet, service);
	if (!number || number >= MAX_SERVERS)
		return XDP_DROP;
	server = bpf_map_lookup_elem(&servers, &number);
	if (!server)
		return XDP_DROP;
	add(&service_counters, service->number, packet.bytes);
	add(&server_counters, number, packet.bytes);
	struct counter *source = bpf_map_lookup_elem(&sources, &packet.flow.source);
	if (source) {
		source->packets++;
		source->bytes += packet.bytes;
	} else {
		struct counter first = { 1, packet.bytes };

		bpf_map_update_elem(&sources, &packet.flow.source, &first, BPF_NOEXIST);
	}
	return send(ctx, &packet, server);
}

SEC("xdp")
int edge(struct xdp_md *ctx)
{
	void *data = start_of(ctx);
	void *end = end_of(ctx);
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return balance(ctx, false);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return balance(ctx, true);
	return XDP_PASS;
}

// The same as a program that forgets to look where the id of a QUIC connection ends.
SEC("xdp")
int edge_unchecked_id(struct xdp_md *ctx)
{
	__u8 *data = start_of(ctx);
	void *end = end_of(ctx);
	__u8 *quic = data + sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr);
	__u32 key;

	if ((void *)(quic + 1) > end)
		return XDP_PASS;
	key = quic[1] << 16 | quic[2] << 8 | quic[3];
	return bpf_map_lookup_elem(&quic_servers, &key) ? XDP_TX : XDP_PASS;
}
