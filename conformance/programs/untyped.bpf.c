// SPDX-License-Identifier: Apache-2.0
// One struct that Linux does not put up with, a tree without a lock beside it, and it takes none of the object's types. So
// loaders go on without them, and nothing is known of any map's values.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct item {
	struct bpf_rb_node node;
	int number;
};

struct unlocked {
	struct bpf_rb_root items __attribute__((btf_decl_tag("contains:item:node")));
	struct item *last;
};

struct locked {
	struct bpf_spin_lock lock;
	int count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct unlocked);
} trees SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct locked);
} counts SEC(".maps");

SEC("tc")
int locks(struct __sk_buff *ctx)
{
	int key = 0;
	struct locked *value = bpf_map_lookup_elem(&counts, &key);

	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count++;
	bpf_spin_unlock(&value->lock);
	return 0;
}
