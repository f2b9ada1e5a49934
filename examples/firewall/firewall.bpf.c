// SPDX-License-Identifier: Apache-2.0
/*
 * A firewall for XDP: drops what comes from blocked prefixes or goes to blocked ports, counts the
 * outcomes, and tells of every drop by a ring buffer.
 *
 * The tables start with the defaults below, so that the firewall does something before anybody
 * has filled a map. Change the defaults in .rodata before loading; or clear `load_defaults` and
 * fill the maps yourself; or change the maps at any time.
 */
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum outcome {
	PASSED,
	PASSED_NOT_IP,
	DROPPED_SOURCE,
	DROPPED_PORT,
	DROPPED_MALFORMED,
	OUTCOMES,
};

enum action {
	ALLOW,
	BLOCK,
};

struct prefix4 {
	__u32 length;                   /* bits of the address that count */
	__u8 address[4];
};

struct prefix6 {
	__u32 length;
	__u8 address[16];
};

/* What to do with a prefix; the longest one that matches decides. */
struct rule {
	enum action action;
	__u32 reserved;
	__u64 matches;                  /* packets that this rule decided */
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

/* Tells of one dropped packet. IPv4 addresses stand in the first four bytes. */
struct event {
	enum outcome outcome;
	__u8 version;                   /* of IP: 4, 6, or 0 for a packet too broken to say */
	__u8 protocol;
	__u16 source_port;              /* ports are 0 where the packet has none */
	__u16 destination_port;
	__u16 length;                   /* of the packet */
	__u8 source[16];
	__u8 destination[16];
};

/* Nothing but this keeps the type in BTF, where readers of the ring buffer find it. */
const struct event *event_type __attribute__((unused));

#define DEFAULTS 8

/* TEST-NET-3 is blocked (RFC 5737), but for one piece of it; so is one IPv6 site. */
const volatile struct prefix4 blocked4[DEFAULTS] = {
	{ 24, { 203, 0, 113, 0 } },
};
const volatile struct prefix4 allowed4[DEFAULTS] = {
	{ 28, { 203, 0, 113, 64 } },
};
const volatile struct prefix6 blocked6[DEFAULTS] = {
	{ 48, { 0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad } },
};
const volatile struct prefix6 allowed6[DEFAULTS] = {};
const volatile __u16 blocked_ports[DEFAULTS] = { 23, 445, 3389, 8081 };

/* The next packet adds the defaults to the maps if this is 1. */
__u32 load_defaults = 1;

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 10000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix4);
	__type(value, struct rule);
} sources4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 10000);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix6);
	__type(value, struct rule);
} sources6 SEC(".maps");

/* TCP and UDP destination ports, in host byte order, with the number of packets dropped. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u16);
	__type(value, __u64);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, enum outcome);
	__type(value, struct counter);
} outcomes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

static __always_inline void add_prefix4(const volatile struct prefix4 *prefix, enum action action)
{
	struct prefix4 key = { .length = prefix->length };
	struct rule rule = { .action = action };

	if (!key.length)
		return;
	for (int i = 0; i < 4; i++)
		key.address[i] = prefix->address[i];
	bpf_map_update_elem(&sources4, &key, &rule, BPF_NOEXIST);
}

static __always_inline void add_prefix6(const volatile struct prefix6 *prefix, enum action action)
{
	struct prefix6 key = { .length = prefix->length };
	struct rule rule = { .action = action };

	if (!key.length)
		return;
	for (int i = 0; i < 16; i++)
		key.address[i] = prefix->address[i];
	bpf_map_update_elem(&sources6, &key, &rule, BPF_NOEXIST);
}

/* Entries that are there already stay as they are, so two CPUs that both come here do no harm. */
static __noinline int add_defaults(void)
{
	load_defaults = 0;
	for (int i = 0; i < DEFAULTS; i++) {
		__u16 port = blocked_ports[i];
		__u64 dropped = 0;

		add_prefix4(&blocked4[i], BLOCK);
		add_prefix4(&allowed4[i], ALLOW);
		add_prefix6(&blocked6[i], BLOCK);
		add_prefix6(&allowed6[i], ALLOW);
		if (port)
			bpf_map_update_elem(&ports, &port, &dropped, BPF_NOEXIST);
	}
	return 0;
}

static __always_inline bool source_blocked(const struct headers *headers)
{
	struct rule *rule;

	if (headers->version == 4) {
		struct prefix4 key = { .length = 32 };

		__builtin_memcpy(key.address, &headers->ip4->saddr, sizeof(key.address));
		rule = bpf_map_lookup_elem(&sources4, &key);
	} else {
		struct prefix6 key = { .length = 128 };

		__builtin_memcpy(key.address, &headers->ip6->saddr, sizeof(key.address));
		rule = bpf_map_lookup_elem(&sources6, &key);
	}
	if (!rule)
		return false;
	__sync_fetch_and_add(&rule->matches, 1);
	return rule->action == BLOCK;
}

static __always_inline bool port_blocked(const struct ports *packet_ports)
{
	__u16 port;
	__u64 *dropped;

	if (!packet_ports)
		return false;
	port = bpf_ntohs(packet_ports->destination);
	dropped = bpf_map_lookup_elem(&ports, &port);
	if (!dropped)
		return false;
	__sync_fetch_and_add(dropped, 1);
	return true;
}

static __always_inline void tell(enum outcome outcome, const struct headers *headers,
				 const struct ports *packet_ports, __u16 length)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return;
	__builtin_memset(event, 0, sizeof(*event));
	event->outcome = outcome;
	event->protocol = headers->protocol;
	event->length = length;
	if (packet_ports) {
		event->source_port = bpf_ntohs(packet_ports->source);
		event->destination_port = bpf_ntohs(packet_ports->destination);
	}
	event->version = headers->version;
	if (headers->version == 4) {
		__builtin_memcpy(event->source, &headers->ip4->saddr, 4);
		__builtin_memcpy(event->destination, &headers->ip4->daddr, 4);
	} else if (headers->version == 6) {
		__builtin_memcpy(event->source, &headers->ip6->saddr, 16);
		__builtin_memcpy(event->destination, &headers->ip6->daddr, 16);
	}
	bpf_ringbuf_submit(event, 0);
}

static __always_inline void count(enum outcome outcome, __u64 bytes)
{
	__u32 key = outcome;
	struct counter *counter = bpf_map_lookup_elem(&outcomes, &key);

	if (counter) {
		counter->packets++;
		counter->bytes += bytes;
	}
}

SEC("xdp")
int firewall(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct headers headers;
	struct ports *packet_ports = NULL;
	enum outcome outcome = PASSED;

	if (load_defaults)
		add_defaults();

	if (!find_headers(&headers, data, end)) {
		outcome = DROPPED_MALFORMED;
	} else if (!headers.version) {
		outcome = PASSED_NOT_IP;
	} else {
		packet_ports = find_ports(&headers, end);
		if (source_blocked(&headers))
			outcome = DROPPED_SOURCE;
		else if (port_blocked(packet_ports))
			outcome = DROPPED_PORT;
	}

	count(outcome, end - data);
	if (outcome == PASSED || outcome == PASSED_NOT_IP)
		return XDP_PASS;
	tell(outcome, &headers, packet_ports, end - data);
	return XDP_DROP;
}
