/* Maps as iproute2's loader has them: ids for tail calls and for maps of maps, and pins. */
#include "bpf.h"

struct definition {
	__u32 type, size_key, size_value, max_elem, flags;
	__u32 id, pinning, inner_id, inner_idx;
};

struct definition SEC("maps") shared = { MAP_ARRAY, 4, 8, 2, .pinning = 2 };
struct definition SEC("maps") own = { MAP_HASH, 4, 8, 2, .pinning = 1 };
struct definition SEC("maps") jumps = { 3 /* PROG_ARRAY */, 4, 4, 4, .id = 7 };
struct definition SEC("maps") inner = { MAP_ARRAY, 4, 4, 1, .id = 9, .inner_idx = 1 };
struct definition SEC("maps") outer = { 12 /* ARRAY_OF_MAPS */, 4, 4, 2, .inner_id = 9 };

static long (*tail_call)(void *ctx, void *map, __u32 index) = (void *)12;

SEC("7/0") int first(void *ctx)
{
	return 5;
}

SEC("0x7/3") int last(void *ctx)
{
	return 6;
}

SEC("8/0") int elsewhere(void *ctx)
{
	return 7;
}

SEC("classifier") int entry(void *ctx)
{
	__u32 key = 0;
	void *found = bpf_map_lookup_elem(&outer, &key);

	if (found)
		bpf_map_lookup_elem(found, &key);
	if (bpf_map_lookup_elem(&shared, &key) || bpf_map_lookup_elem(&own, &key))
		tail_call(ctx, &jumps, 3);
	return 0;
}

char _license[] SEC("license") = "GPL";
