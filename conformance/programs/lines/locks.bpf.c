// SPDX-License-Identifier: Apache-2.0
// Refusals whose sentence Linux's log breaks over lines.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct locked {
	struct bpf_spin_lock lock;
	int count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, struct locked);
} counts SEC(".maps");

__attribute__((noinline)) int number(int a)
{
	return a + bpf_get_prandom_u32();
}

__attribute__((noinline)) int sleeps(int a)
{
	char bytes[8];

	bpf_copy_from_user(bytes, sizeof(bytes), NULL);
	return a + bytes[0];
}

SEC("tc")
int calls_with_lock(struct __sk_buff *skb)
{
	int key = 0;
	struct locked *value = bpf_map_lookup_elem(&counts, &key);

	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count = number(value->count);
	bpf_spin_unlock(&value->lock);
	return 0;
}

SEC("tc")
int sleeps_where_it_may_not(struct __sk_buff *skb)
{
	return sleeps(skb->len);
}
