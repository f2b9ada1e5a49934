// SPDX-License-Identifier: Apache-2.0
/*
 * A log of DNS queries and answers for tc: tells of each by a perf event, the name decoded, and
 * counts them by record type. Lets everything pass.
 */
#include <linux/pkt_cls.h>
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define HEADER_BYTES 192
#define DNS_PORT 53
#define MAX_NAME 255                    /* bytes of a name in a message (RFC 1035 section 2.3.4) */
#define MAX_LABEL 63

/* RFC 1035 section 4.1.1 */
struct dns_header {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additionals;
};

struct event {
	__u8 client[16];                /* an IPv4 address stands in the first four bytes */
	__u8 server[16];
	__u8 version;                   /* of IP */
	__u8 response;                  /* 0: a query, 1: its answer */
	__u8 code;                      /* of the answer: 0 no error, 3 no such name */
	__u8 name_length;               /* without the 0 at its end */
	__u16 id;
	__u16 type;                     /* of the records asked for, such as 1 for A; 0 if cut off */
	__u16 answers;
	__u16 reserved;
	char name[MAX_NAME + 1];        /* such as "www.example.com"; "" for the root */
};

/* An event is too large for the stack. */
struct scratch {
	struct event event;
	__u8 encoded[MAX_NAME + 5];     /* the name as the message has it, then type and class */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

/* Queries by record type. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u16);
	__type(value, __u64);
} types SEC(".maps");

__u64 queries;
__u64 responses;
__u64 broken_names;

/*
 * Writes the name with dots. A message has it label by label, each a length and as many bytes, up to
 * the length 0 (RFC 1035 section 3.1): the dots come where the lengths are. Returns its length in the
 * message, or 0 if it is broken.
 */
static __noinline __u32 decode_name(struct scratch *scratch, __u32 length)
{
	__u32 left = 0;

	if (!scratch)
		return 0;
	for (__u32 i = 0; i < MAX_NAME; i++) {
		__u8 byte = scratch->encoded[i];

		if (i >= length)
			return 0;
		if (left) {
			scratch->event.name[i - 1] = byte;
			left--;
			continue;
		}
		if (!byte) {
			scratch->event.name_length = i ? i - 1 : 0;
			return i + 1;
		}
		if (byte > MAX_LABEL)           /* a pointer: nothing in a question to point at */
			return 0;
		if (i)
			scratch->event.name[i - 1] = '.';
		left = byte;
	}
	return 0;
}

static __always_inline void count_query(__u16 type)
{
	__u64 one = 1, *count = bpf_map_lookup_elem(&types, &type);

	__sync_fetch_and_add(&queries, 1);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&types, &type, &one, BPF_NOEXIST);
}

static __always_inline void fill_addresses(struct event *event, const struct headers *headers)
{
	/* The client asks and the server answers. */
	__u8 *source = event->response ? event->server : event->client;
	__u8 *destination = event->response ? event->client : event->server;

	event->version = headers->version;
	if (headers->version == 4) {
		__builtin_memcpy(source, &headers->ip4->saddr, 4);
		__builtin_memcpy(destination, &headers->ip4->daddr, 4);
	} else {
		__builtin_memcpy(source, &headers->ip6->saddr, 16);
		__builtin_memcpy(destination, &headers->ip6->daddr, 16);
	}
}

SEC("tc")
int dnslog(struct __sk_buff *skb)
{
	__u32 zero = 0, name_length;
	__u64 offset, available;
	struct scratch *memory;
	struct headers headers;
	struct dns_header dns;
	struct ports *ports;
	struct event *event;
	void *data, *end;

	bpf_skb_pull_data(skb, skb->len < HEADER_BYTES ? skb->len : HEADER_BYTES);
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (!find_headers(&headers, data, end) || headers.protocol != IPPROTO_UDP)
		return TC_ACT_UNSPEC;
	ports = find_ports(&headers, end);
	if (!ports || (ports->source != bpf_htons(DNS_PORT) &&
		       ports->destination != bpf_htons(DNS_PORT)))
		return TC_ACT_UNSPEC;

	offset = (void *)ports - data + sizeof(struct udphdr);
	if (bpf_skb_load_bytes(skb, offset, &dns, sizeof(dns)) || !dns.questions)
		return TC_ACT_UNSPEC;
	offset += sizeof(dns);

	memory = bpf_map_lookup_elem(&scratch, &zero);
	if (!memory)
		return TC_ACT_OK;
	event = &memory->event;
	__builtin_memset(event, 0, sizeof(*event));
	event->response = bpf_ntohs(dns.flags) >> 15;
	event->code = bpf_ntohs(dns.flags) & 15;
	event->id = bpf_ntohs(dns.id);
	event->answers = bpf_ntohs(dns.answers);
	fill_addresses(event, &headers);

	available = skb->len - offset;
	if (available > sizeof(memory->encoded))
		available = sizeof(memory->encoded);
	/* Else clang tests the value before the limit, and the verifier still sees a 0 after it. */
	barrier_var(available);
	if (available == 0 || bpf_skb_load_bytes(skb, offset, memory->encoded, available))
		return TC_ACT_OK;
	name_length = decode_name(memory, available);
	if (!name_length)
		__sync_fetch_and_add(&broken_names, 1);
	else if (name_length + 2 <= available && name_length <= MAX_NAME)
		event->type = memory->encoded[name_length] << 8 | memory->encoded[name_length + 1];

	if (event->response)
		__sync_fetch_and_add(&responses, 1);
	else
		count_query(event->type);
	bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, event, sizeof(*event));
	return TC_ACT_OK;
}
