// SPDX-License-Identifier: Apache-2.0
// Locks and timers where Linux has none: in structs within an object, and in maps of other types.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

char _license[] SEC("license") = "GPL";

struct inner {
	struct bpf_spin_lock lock;
	int count;
};

struct outer {
	long number;
	struct inner inner;
};

struct timed {
	struct bpf_timer timer;
	int count;
};

#define MAP(name, map_type, value_type)                                                                                 \
	struct {                                                                                                        \
		__uint(type, map_type);                                                                                 \
		__uint(max_entries, 1);                                                                                 \
		__type(key, int);                                                                                       \
		__type(value, struct value_type);                                                                       \
	} name SEC(".maps")

MAP(hash, BPF_MAP_TYPE_HASH, inner);
MAP(lru_hash, BPF_MAP_TYPE_LRU_HASH, inner);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, inner);
MAP(timers, BPF_MAP_TYPE_LRU_HASH, timed);
MAP(percpu_timers, BPF_MAP_TYPE_PERCPU_ARRAY, timed);

SEC("tc")
int locks_within_object(struct __sk_buff *skb)
{
	struct outer *outer = bpf_obj_new_impl(__builtin_btf_type_id(*(struct outer *)0, 0), NULL);

	if (!outer)
		return 0;
	bpf_spin_lock(&outer->inner.lock);
	outer->inner.count++;
	bpf_spin_unlock(&outer->inner.lock);
	bpf_obj_drop_impl(outer, NULL);
	return 0;
}

#define LOCKS(map)                                                                                                      \
	SEC("tc") int locks_in_##map(struct __sk_buff *skb)                                                             \
	{                                                                                                               \
		int key = 0;                                                                                            \
		struct inner *value = bpf_map_lookup_elem(&map, &key);                                                  \
		if (!value)                                                                                             \
			return 0;                                                                                       \
		bpf_spin_lock(&value->lock);                                                                            \
		value->count++;                                                                                         \
		bpf_spin_unlock(&value->lock);                                                                          \
		return 0;                                                                                               \
	}

#define STARTS(map)                                                                                                     \
	SEC("tc") int starts_in_##map(struct __sk_buff *skb)                                                            \
	{                                                                                                               \
		int key = 0;                                                                                            \
		struct timed *value = bpf_map_lookup_elem(&map, &key);                                                  \
		if (value)                                                                                              \
			bpf_timer_init(&value->timer, &map, 1);                                                         \
		return 0;                                                                                               \
	}

LOCKS(hash)
LOCKS(lru_hash)
LOCKS(percpu_hash)
STARTS(timers)
STARTS(percpu_timers)
