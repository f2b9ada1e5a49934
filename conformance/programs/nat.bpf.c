// Source address translation with connection tracking, IPv4 and IPv6, checksums and extension headers.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define MAX_HEADERS 6

struct tuple {
	__u32 source[4];
	__u32 target[4];
	__u16 source_port;
	__u16 target_port;
	__u8 protocol;
	__u8 pad[3];
};

struct connection {
	__u64 packets;
	__u64 bytes;
	__u64 last;
	__u32 address;
	__u16 port;
	__u16 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct tuple);
	__type(value, struct connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u32);
} pool SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(__u32 what, __u64 by)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &what);

	if (value)
		*value += by;
}

struct walk {
	struct __sk_buff *skb;
	struct tuple *tuple;
	__u32 transport;
	__u32 address;
};

static __noinline int ipv6_transport(struct __sk_buff *skb, __u8 *protocol, __u32 offset)
{
	__u8 next = *protocol;

	for (int i = 0; i < MAX_HEADERS; i++) {
		struct {
			__u8 next;
			__u8 length;
		} header;

		if (next != 0 && next != 43 && next != 44 && next != 60)
			break;
		if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)) < 0)
			return -1;
		offset += next == 44 ? 8 : (header.length + 1) * 8;
		next = header.next;
	}
	*protocol = next;
	return offset;
}

static __always_inline int parse(struct walk *walk)
{
	struct __sk_buff *skb = walk->skb;
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return -1;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end || ip->ihl < 5)
			return -1;
		walk->tuple->source[0] = ip->saddr;
		walk->tuple->target[0] = ip->daddr;
		walk->tuple->protocol = ip->protocol;
		walk->address = sizeof(*eth) + __builtin_offsetof(struct iphdr, saddr);
		walk->transport = sizeof(*eth) + ip->ihl * 4;
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = (void *)(eth + 1);
		__u8 protocol;
		int at;

		if ((void *)(ip + 1) > end)
			return -1;
		__builtin_memcpy(walk->tuple->source, &ip->saddr, 16);
		__builtin_memcpy(walk->tuple->target, &ip->daddr, 16);
		protocol = ip->nexthdr;
		at = ipv6_transport(skb, &protocol, sizeof(*eth) + sizeof(*ip));
		if (at < 0)
			return -1;
		walk->tuple->protocol = protocol;
		walk->transport = at;
		walk->address = 0;
	} else {
		return -1;
	}
	return 0;
}

static __always_inline int translate(struct walk *walk, struct connection *known)
{
	__u32 sum = walk->tuple->protocol == 6 ? walk->transport + 16 : walk->transport + 6;
	__u32 old = walk->tuple->source[0];

	if (!walk->address)
		return TC_ACT_OK;
	if (bpf_l3_csum_replace(walk->skb, 14 + 10, old, known->address, 4) < 0)
		return TC_ACT_SHOT;
	if (bpf_l4_csum_replace(walk->skb, sum, old, known->address, 4 | 0x10) < 0)
		return TC_ACT_SHOT;
	if (bpf_skb_store_bytes(walk->skb, walk->address, &known->address, 4, 0) < 0)
		return TC_ACT_SHOT;
	return bpf_skb_store_bytes(walk->skb, walk->transport, &known->port, 2, 0) < 0 ? TC_ACT_SHOT
										     : TC_ACT_OK;
}

SEC("tc")
int nat_egress(struct __sk_buff *skb)
{
	struct tuple tuple = {};
	struct walk walk = { .skb = skb, .tuple = &tuple };
	struct connection fresh = {};
	struct connection *known;
	__u32 *address;
	__u32 slot;

	if (parse(&walk) < 0)
		return TC_ACT_OK;
	if (tuple.protocol != 6 && tuple.protocol != 17)
		return TC_ACT_OK;
	if (bpf_skb_load_bytes(skb, walk.transport, &tuple.source_port, 4) < 0)
		return TC_ACT_SHOT;
	known = bpf_map_lookup_elem(&connections, &tuple);
	if (!known) {
		slot = bpf_get_prandom_u32() & 15;
		address = bpf_map_lookup_elem(&pool, &slot);
		if (!address || !*address)
			return TC_ACT_SHOT;
		fresh.address = *address;
		fresh.port = tuple.source_port;
		fresh.last = bpf_ktime_get_ns();
		if (bpf_map_update_elem(&connections, &tuple, &fresh, 0) < 0)
			return TC_ACT_SHOT;
		known = bpf_map_lookup_elem(&connections, &tuple);
		if (!known)
			return TC_ACT_SHOT;
		count(1, 1);
	}
	__sync_fetch_and_add(&known->packets, 1);
	__sync_fetch_and_add(&known->bytes, skb->len);
	known->last = bpf_ktime_get_ns();
	count(0, skb->len);
	return translate(&walk, known);
}

SEC("tc")
int nat_unchecked(struct __sk_buff *skb)
{
	struct tuple tuple = {};
	struct walk walk = { .skb = skb, .tuple = &tuple };
	struct connection *known;

	if (parse(&walk) < 0)
		return TC_ACT_OK;
	known = bpf_map_lookup_elem(&connections, &tuple);
	return translate(&walk, known);
}

SEC("tc")
int nat_after_store(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 zero = 0;

	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	bpf_skb_store_bytes(skb, 26, &zero, 4, 0);
	return ip->ttl ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
