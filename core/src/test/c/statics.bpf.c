/* Maps that only their own object sees. */
#include "bpf.h"

static struct {
	__uint(type, MAP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} first SEC(".maps"), second SEC(".maps");

SEC("xdp")
int look(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&first, &key) != bpf_map_lookup_elem(&second, &key);
}
