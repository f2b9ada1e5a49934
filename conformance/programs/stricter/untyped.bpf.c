// SPDX-License-Identifier: Apache-2.0
// Writes over what would be a lock or a tree, had Linux taken the object's types (see ../untyped.bpf.c).
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
int writes_over_lock(struct __sk_buff *ctx)
{
	int key = 0;
	struct locked *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		asm volatile("*(u32 *)(%0 + 0) = 0" ::"r"(value) : "memory");
	return 0;
}

SEC("tc")
int writes_over_tree(struct __sk_buff *ctx)
{
	int key = 0;
	struct unlocked *value = bpf_map_lookup_elem(&trees, &key);

	if (value)
		asm volatile("*(u64 *)(%0 + 0) = 0" ::"r"(value) : "memory");
	return 0;
}
