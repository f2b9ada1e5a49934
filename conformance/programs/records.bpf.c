// SPDX-License-Identifier: Apache-2.0
// Parts of values that Linux does not find, or does not put up with: then a value has no special parts at all.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

typedef struct bpf_timer timer_t_;
struct inner {
	struct bpf_timer timer;
};
typedef struct inner inner_t;

// A map whose values have a lock and other members, and a program that takes the lock.
#define LOCKED(name, members)                                                                                           \
	struct name##_value {                                                                                           \
		struct bpf_spin_lock lock;                                                                              \
		members int count;                                                                                      \
	};                                                                                                              \
	struct {                                                                                                        \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                       \
		__uint(max_entries, 1);                                                                                 \
		__type(key, int);                                                                                       \
		__type(value, struct name##_value);                                                                     \
	} name##_map SEC(".maps");                                                                                      \
	SEC("tc") int name##_locks(struct __sk_buff *ctx)                                                               \
	{                                                                                                               \
		int key = 0;                                                                                            \
		struct name##_value *value = bpf_map_lookup_elem(&name##_map, &key);                                    \
		if (!value)                                                                                             \
			return 0;                                                                                       \
		bpf_spin_lock(&value->lock);                                                                            \
		value->count++;                                                                                         \
		bpf_spin_unlock(&value->lock);                                                                          \
		return 0;                                                                                               \
	}

// And one that writes over the other members.
#define WRITTEN(name, members)                                                                                          \
	LOCKED(name, members)                                                                                           \
	SEC("tc") int name##_writes(struct __sk_buff *ctx)                                                              \
	{                                                                                                               \
		int key = 0;                                                                                            \
		struct name##_value *value = bpf_map_lookup_elem(&name##_map, &key);                                    \
		if (value)                                                                                              \
			asm volatile("*(u64 *)(%0 + 8) = 0" ::"r"(value) : "memory");                                   \
		return 0;                                                                                               \
	}

WRITTEN(timer, struct bpf_timer timer;)
LOCKED(two_timers, struct bpf_timer timer; struct bpf_timer other;)
LOCKED(two_nested, struct inner inner[2];)
WRITTEN(one_nested, struct inner inner[1];)
WRITTEN(typedef_timer, timer_t_ timer;)
WRITTEN(typedef_nested, inner_t inner;)
WRITTEN(constant, const struct bpf_timer timer;)
WRITTEN(in_union, union { struct bpf_timer timer; long number; };)
WRITTEN(tree_node, struct bpf_rb_node node;)
WRITTEN(count_off_place, char bytes[3]; struct bpf_refcount references;)
