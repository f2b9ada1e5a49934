// SPDX-License-Identifier: Apache-2.0
/* A histogram of a packet's first 256 bytes in a per-CPU array, by bpf_loop and its callback. */
#include "common.h"

#define BYTES 256
#define BINS 16

struct bins {
	__u64 bin[BINS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bins);
} histogram SEC(".maps");

struct state {
	struct xdp_md *context;
	struct bins *bins;
};

static long count(__u32 index, struct state *state)
{
	unsigned char *byte = begin(state->context);
	void *stop = end(state->context);

	if (index >= BYTES)
		return 1;
	byte += index;
	if ((void *)(byte + 1) > stop)
		return 1;
	state->bins->bin[*byte >> 4]++;
	return 0;
}

SEC("xdp")
int fill_histogram(struct xdp_md *context)
{
	__u32 key = 0;
	struct state state = { .context = context };

	state.bins = bpf_map_lookup_elem(&histogram, &key);
	if (!state.bins)
		return XDP_ABORTED;
	bpf_loop(BYTES, count, &state, 0);
	return XDP_PASS;
}
