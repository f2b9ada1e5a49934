/* Every way to define a map in .maps. */
#include "bpf.h"

struct flow_key {
	__u32 source, destination;
	__u16 ports[2];
};

struct flow {
	__u64 packets, bytes;
};

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 1024);
	__uint(map_flags, 1);
	__uint(numa_node, 1);
	__type(key, struct flow_key);
	__type(value, struct flow);
	__uint(pinning, 1);
} flows SEC(".maps");

struct {
	__uint(type, MAP_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 24);
} sizes_only SEC(".maps");

struct {
	__uint(type, MAP_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, MAP_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u64);
	__uint(map_extra, 3);
} seen SEC(".maps");

struct {
	__uint(type, MAP_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u64);
	__ulong(map_extra, 7);
} seen_enum SEC(".maps");

struct inner {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} inner_one SEC(".maps"), inner_two SEC(".maps");

struct {
	__uint(type, MAP_ARRAY_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = {
	.values = { [1] = &inner_one, [5] = &inner_two, [6] = &inner_one },
};

struct {
	__uint(type, MAP_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__uint(key_size, 8);
	__uint(value_size, 4);
	__array(values, struct {
		__uint(type, MAP_HASH);
		__uint(max_entries, 32);
		__type(key, __u16);
		__type(value, struct flow);
	});
} outer_empty SEC(".maps");

int tail_one(struct xdp_md *ctx);
int tail_two(struct xdp_md *ctx);

struct {
	__uint(type, MAP_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__array(values, int(struct xdp_md *));
} jumps SEC(".maps") = {
	.values = { [0] = tail_one, [3] = tail_two },
};

SEC("xdp")
int tail_one(struct xdp_md *ctx)
{
	return 1;
}

SEC("xdp")
int tail_two(struct xdp_md *ctx)
{
	return 2;
}

SEC("xdp")
int enter(struct xdp_md *ctx)
{
	struct flow_key key = {};
	__u32 index = 0;
	void *inner;

	bpf_map_lookup_elem(&flows, &key);
	bpf_map_lookup_elem(&sizes_only, &index);
	inner = bpf_map_lookup_elem(&outer, &index);
	if (inner)
		bpf_map_lookup_elem(inner, &index);
	bpf_tail_call(ctx, &jumps, 3);
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
