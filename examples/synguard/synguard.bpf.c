// SPDX-License-Identifier: Apache-2.0
/*
 * A guard against SYN floods for XDP: each source may open `burst` connections at once, and one
 * every `interval` in the long run; what is over that is dropped. Sources are kept in an LRU table,
 * so that a flood from invented addresses cannot fill the memory.
 */
#include "../packet.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum outcome {
	NOT_SYN,
	SYN_PASSED,
	SYN_DROPPED,
	MALFORMED,
	OUTCOMES,
};

struct address {
	__u8 bytes[16];                 /* an IPv4 address stands in the first four */
};

/*
 * A token bucket that counts in time: each SYN fills it by one interval, the clock drains it, and it
 * overflows at burst * interval. One number says all: when it will be empty.
 */
struct bucket {
	__u64 empty_at;                 /* nanoseconds since boot */
	__u32 passed;
	__u32 dropped;
};

/* Tells that a source has begun to be limited. */
struct event {
	struct address source;
	__u32 passed;                   /* SYNs that passed before */
	__u32 version;                  /* of IP */
};

/* Nothing but this keeps the type in BTF, where readers of the ring buffer find it. */
const struct event *event_type __attribute__((unused));

const volatile __u64 interval = 200000000; /* nanoseconds: five a second */
const volatile __u64 burst = 10;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct address);
	__type(value, struct bucket);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} outcomes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

static __always_inline void tell(const struct address *source, __u32 passed, __u32 version)
{
	struct event event = { .passed = passed, .version = version };

	event.source = *source;
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
}

/*
 * Puts one SYN into the source's bucket. Returns whether it had room. Two CPUs that do so in the same
 * moment may let one SYN too many through; a lock for every SYN would cost more than that.
 */
static __always_inline bool may_open(const struct address *source, __u32 version)
{
	__u64 now = bpf_ktime_get_ns();
	struct bucket *bucket;
	__u64 empty_at;

	bucket = bpf_map_lookup_elem(&sources, source);
	if (!bucket) {
		struct bucket first = { .empty_at = now + interval, .passed = 1 };

		bpf_map_update_elem(&sources, source, &first, BPF_NOEXIST);
		return true;
	}

	empty_at = bucket->empty_at > now ? bucket->empty_at : now;
	if (empty_at + interval - now <= burst * interval) {
		bucket->empty_at = empty_at + interval;
		__sync_fetch_and_add(&bucket->passed, 1);
		return true;
	}
	if (!bucket->dropped)
		tell(source, bucket->passed, version);
	__sync_fetch_and_add(&bucket->dropped, 1);
	return false;
}

static __always_inline enum outcome judge(void *data, void *end)
{
	struct address source = {};
	struct headers headers;
	struct tcphdr *tcp;

	if (!find_headers(&headers, data, end))
		return MALFORMED;
	if (!headers.version || headers.protocol != IPPROTO_TCP || headers.later_fragment)
		return NOT_SYN;
	tcp = headers.transport;
	if ((void *)(tcp + 1) > end)
		return MALFORMED;
	if (!tcp->syn || tcp->ack)
		return NOT_SYN;
	if (headers.version == 4)
		__builtin_memcpy(source.bytes, &headers.ip4->saddr, 4);
	else
		__builtin_memcpy(source.bytes, &headers.ip6->saddr, 16);
	return may_open(&source, headers.version) ? SYN_PASSED : SYN_DROPPED;
}

SEC("xdp")
int synguard(struct xdp_md *context)
{
	__u32 outcome = judge((void *)(long)context->data, (void *)(long)context->data_end);
	__u64 *packets = bpf_map_lookup_elem(&outcomes, &outcome);

	if (packets)
		(*packets)++;
	return outcome == SYN_DROPPED || outcome == MALFORMED ? XDP_DROP : XDP_PASS;
}
