// SPDX-License-Identifier: Apache-2.0
/*
 * A flow table for tc: counts packets and bytes of every flow, one direction each, and follows the
 * TCP flags. The table is per CPU, so that counting takes no lock, and drops the flows not seen for
 * the longest time when it is full. A reader adds up the values of all CPUs.
 */
#include <linux/pkt_cls.h>
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* As many bytes as the headers can take; they are made readable before looking at them. */
#define HEADER_BYTES 192

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct flow {
	__u8 source[16];                /* an IPv4 address stands in the first four bytes */
	__u8 destination[16];
	__u16 source_port;              /* in host byte order; 0 where the protocol has none */
	__u16 destination_port;
	__u8 version;
	__u8 protocol;
	__u16 reserved;
};

/* How far a TCP connection has come, by the flags that this direction has sent. */
enum tcp_state {
	TCP_NOT,                        /* not TCP, or begun before anybody looked */
	TCP_OPENING,
	TCP_OPEN,
	TCP_CLOSING,
	TCP_CLOSED,
	TCP_RESET,
};

struct flow_record {
	__u64 packets;
	__u64 bytes;
	__u64 first_seen;               /* nanoseconds since boot */
	__u64 last_seen;
	__u32 tcp_state;                /* an enum tcp_state */
	__u32 tcp_flags;                /* all that were seen */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct flow);
	__type(value, struct flow_record);
} flows SEC(".maps");

/* What is in no flow. */
__u64 not_ip;
__u64 malformed;

static __always_inline __u32 next_state(__u32 state, __u8 flags)
{
	if (flags & TCP_RST)
		return TCP_RESET;
	if (flags & TCP_SYN)
		return TCP_OPENING;
	if (flags & TCP_FIN)
		return TCP_CLOSING;
	if (state == TCP_OPENING)
		return TCP_OPEN;
	if (state == TCP_CLOSING)
		return TCP_CLOSED;
	return state;
}

static __always_inline void fill_key(struct flow *flow, const struct headers *headers,
				     const struct ports *ports)
{
	if (headers->version == 4) {
		__builtin_memcpy(flow->source, &headers->ip4->saddr, 4);
		__builtin_memcpy(flow->destination, &headers->ip4->daddr, 4);
	} else {
		__builtin_memcpy(flow->source, &headers->ip6->saddr, 16);
		__builtin_memcpy(flow->destination, &headers->ip6->daddr, 16);
	}
	if (ports) {
		flow->source_port = bpf_ntohs(ports->source);
		flow->destination_port = bpf_ntohs(ports->destination);
	}
	flow->version = headers->version;
	flow->protocol = headers->protocol;
}

SEC("tc")
int flowtable(struct __sk_buff *skb)
{
	struct flow_record *record, fresh = {};
	struct headers headers;
	struct flow flow = {};
	__u8 flags = 0;
	void *data, *end;
	__u64 now;

	bpf_skb_pull_data(skb, skb->len < HEADER_BYTES ? skb->len : HEADER_BYTES);
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;

	if (!find_headers(&headers, data, end)) {
		__sync_fetch_and_add(&malformed, 1);
		return TC_ACT_SHOT;
	}
	if (!headers.version) {
		__sync_fetch_and_add(&not_ip, 1);
		return TC_ACT_UNSPEC;
	}
	fill_key(&flow, &headers, find_ports(&headers, end));
	if (headers.protocol == IPPROTO_TCP && !headers.later_fragment) {
		struct tcphdr *tcp = headers.transport;

		if ((void *)(tcp + 1) > end) {
			__sync_fetch_and_add(&malformed, 1);
			return TC_ACT_SHOT;
		}
		flags = ((__u8 *)tcp)[13];
	}

	now = bpf_ktime_get_ns();
	record = bpf_map_lookup_elem(&flows, &flow);
	if (!record) {
		bpf_map_update_elem(&flows, &flow, &fresh, BPF_NOEXIST);
		record = bpf_map_lookup_elem(&flows, &flow);
		if (!record)
			return TC_ACT_OK;
	}
	/* This CPU's value is new when another CPU made the entry, too. */
	if (!record->packets)
		record->first_seen = now;
	record->last_seen = now;
	record->packets++;
	record->bytes += skb->len;
	record->tcp_flags |= flags;
	if (headers.protocol == IPPROTO_TCP)
		record->tcp_state = next_state(record->tcp_state, flags);
	return TC_ACT_OK;
}
