// What holds for all maps of a program together: one arena, one cgroup storage of each kind, 64 maps.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define ARENA(name, address)                                                                         \
	struct {                                                                                     \
		__uint(type, BPF_MAP_TYPE_ARENA);                                                    \
		__uint(map_flags, BPF_F_MMAPABLE);                                                   \
		__uint(max_entries, 10);                                                             \
		enum { address_of_##name = address } map_extra;                                      \
	} name SEC(".maps")

ARENA(first, 1ull << 44);
ARENA(second, 1ull << 45);

#define STORAGE(name, kind)                                                                          \
	struct {                                                                                     \
		__uint(type, kind);                                                                  \
		__type(key, struct bpf_cgroup_storage_key);                                          \
		__type(value, __u64);                                                                \
	} name SEC(".maps")

STORAGE(shared, BPF_MAP_TYPE_CGROUP_STORAGE);
STORAGE(more_shared, BPF_MAP_TYPE_CGROUP_STORAGE);
STORAGE(per_cpu, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);

#define ARRAY(name)                                                                                  \
	struct {                                                                                     \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                    \
		__uint(max_entries, 1);                                                              \
		__type(key, int);                                                                    \
		__type(value, int);                                                                  \
	} name SEC(".maps")
#define EIGHT(do, name)                                                                              \
	do(name##0);                                                                                 \
	do(name##1);                                                                                 \
	do(name##2);                                                                                 \
	do(name##3);                                                                                 \
	do(name##4);                                                                                 \
	do(name##5);                                                                                 \
	do(name##6);                                                                                 \
	do(name##7)
#define SIXTY_FOUR(do)                                                                               \
	EIGHT(do, a);                                                                                \
	EIGHT(do, b);                                                                                \
	EIGHT(do, c);                                                                                \
	EIGHT(do, d);                                                                                \
	EIGHT(do, e);                                                                                \
	EIGHT(do, f);                                                                                \
	EIGHT(do, g);                                                                                \
	EIGHT(do, h)

SIXTY_FOUR(ARRAY);
ARRAY(last);

extern void *bpf_arena_alloc_pages(void *map, void *addr, __u32 cnt, int node, __u64 flags) __ksym;

SEC("syscall")
int one_arena(void *ctx)
{
	bpf_arena_alloc_pages(&first, 0, 1, -1, 0);
	bpf_arena_alloc_pages(&first, 0, 1, -1, 0);
	return 0;
}

SEC("syscall")
int two_arenas(void *ctx)
{
	bpf_arena_alloc_pages(&first, 0, 1, -1, 0);
	bpf_arena_alloc_pages(&second, 0, 1, -1, 0);
	return 0;
}

SEC("cgroup_skb/ingress")
int storages_of_both_kinds(struct __sk_buff *skb)
{
	__u64 *a = bpf_get_local_storage(&shared, 0);
	__u64 *b = bpf_get_local_storage(&per_cpu, 0);

	return (*a + *b) & 1;
}

SEC("cgroup_skb/ingress")
int storages_of_one_kind(struct __sk_buff *skb)
{
	__u64 *a = bpf_get_local_storage(&shared, 0);
	__u64 *b = bpf_get_local_storage(&more_shared, 0);

	return (*a + *b) & 1;
}

#define DELETE(name) bpf_map_delete_elem(&name, &key)

SEC("tc")
int most_maps(struct __sk_buff *skb)
{
	int key = 0;

	SIXTY_FOUR(DELETE);
	return 0;
}

SEC("tc")
int one_map_more(struct __sk_buff *skb)
{
	int key = 0;

	SIXTY_FOUR(DELETE);
	DELETE(last);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";

#define INNER(name, flags)                                                                           \
	struct name##_shape {                                                                        \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                    \
		__uint(map_flags, flags);                                                            \
		__uint(max_entries, 4);                                                              \
		__type(key, int);                                                                    \
		__type(value, int);                                                                  \
	};                                                                                           \
	struct {                                                                                     \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                                            \
		__uint(max_entries, 1);                                                              \
		__type(key, int);                                                                    \
		__array(values, struct name##_shape);                                                \
	} name SEC(".maps")

INNER(equal_arrays, 0);
INNER(arrays_of_any_size, BPF_F_INNER_MAP);

// An element of an array is there for certain, unless the array may turn out to be a smaller one.
SEC("tc")
int certain_element(struct __sk_buff *skb)
{
	int key = 0;
	void *array = bpf_map_lookup_elem(&equal_arrays, &key);

	return array ? *(int *)bpf_map_lookup_elem(array, &key) : 0;
}

SEC("tc")
int uncertain_element(struct __sk_buff *skb)
{
	int key = 0;
	void *array = bpf_map_lookup_elem(&arrays_of_any_size, &key);

	return array ? *(int *)bpf_map_lookup_elem(array, &key) : 0;
}
