/* Programs and sections as loaders before libbpf 1.0 took them. */
#include "bpf.h"

struct definition {
	__u32 type, key_size, value_size, max_entries, map_flags;
};

/* A section of maps of its own for each kind of program. */
struct definition SEC("lirc_mode2/maps") decoder_state = { MAP_ARRAY, 4, 16, 1 };

/* A static function that is a section of its own: the section was the program. */
SEC("raw_tracepoint/filler/empty")
static int fill_empty(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&decoder_state, &key) != 0;
}

/* A static function beside a program is no program. */
SEC("tc/entry")
static __noinline int helper(struct xdp_md *ctx)
{
	return ctx->data != 0;
}

SEC("tc/entry")
int entry(struct xdp_md *ctx)
{
	return helper(ctx);
}

char _license[] SEC("license") = "GPL";
