/* Maps as objects had them before BTF. */
#include "bpf.h"

struct definition {
	__u32 type, key_size, value_size, max_entries, map_flags;
	__u32 unused;
};

struct definition SEC("maps") old_hash = { MAP_HASH, 4, 8, 64, 1 };
struct definition SEC("maps") old_array = { MAP_ARRAY, 4, 16, 2 };

SEC("xdp")
int look(struct xdp_md *ctx)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&old_array, &key) || bpf_map_lookup_elem(&old_hash, &key);
}

char _license[] SEC("license") = "GPL";
