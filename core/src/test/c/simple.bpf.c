/* The smallest program that has everything: a map, a global, a helper call. */
#include "bpf.h"

struct {
	__uint(type, MAP_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

__u64 packets;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);

	packets++;
	if (!counter)
		return 1;
	__sync_fetch_and_add(counter, 1);
	return 2;
}

char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = 0x060c00;
