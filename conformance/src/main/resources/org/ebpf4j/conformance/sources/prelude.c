// What generated programs use: a map of each kind, and values with each kind of field.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

typedef unsigned long W;

#define CONTAINS(type, node) __attribute__((btf_decl_tag("contains:" #type ":" #node)))
#define KPTR __attribute__((btf_type_tag("kptr")))
#define UNTRUSTED_KPTR __attribute__((btf_type_tag("kptr_untrusted")))
#define TAG(text) __attribute__((btf_decl_tag(text)))
#define NOINLINE __attribute__((noinline))
#define OPAQUE(v) asm volatile("" : "+r"(v))
#define KEEP(buffer) asm volatile("" ::"r"(buffer) : "memory")
#define TYPE(name) __builtin_btf_type_id(*(struct name *)0, 0)
#define LOOKUP(map, v, type, key) long k##v = (key); type *v = bpf_map_lookup_elem(&map, &k##v)
#define MAY_GOTO(label) \
	asm volatile goto(".byte 0xe5; .byte 0; .long ((%l[" #label "] - . - 8) / 8) & 0xffff; .short 0" ::::label)

struct item {
	long key;
	struct bpf_rb_node tree;
	struct bpf_list_node list;
	struct bpf_refcount count;
};
struct plain { long a; int b; };
// Linux refuses an object whose kptr points at a struct that is only declared, and clang leaves it at that where
// nothing else tells of the struct.
int whole(struct cgroup *cgroup) { return cgroup != 0; }

struct timed { long a; long b; struct bpf_timer timer; };
struct val {
	long a;
	int b;
	long q[2];
	struct task_struct KPTR *task;
	struct cgroup UNTRUSTED_KPTR *cgroup;
	struct plain KPTR *plain;
	long c;
	char buf[40];
};
struct treed { struct bpf_spin_lock lock; int x; struct bpf_rb_root root CONTAINS(item, tree); };
struct listed { struct bpf_spin_lock lock; int x; struct bpf_list_head head CONTAINS(item, list); };
struct resilient { struct bpf_res_spin_lock lock; int x; };

#define KEYED(name, kind, key_type, value_type, flags) \
	struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, 4); __uint(map_flags, flags); \
		 __type(key, key_type); __type(value, value_type); } name SEC(".maps")
#define SIZED(name, kind, bytes) \
	struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, 4); __uint(key_size, 4); \
		 __uint(value_size, bytes); } name SEC(".maps")
#define KEYLESS(name, kind, bytes) struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, bytes); } name SEC(".maps")
#define STORAGE(name, kind) \
	struct { __uint(type, BPF_MAP_TYPE_##kind##_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); \
		 __type(value, long); } name SEC(".maps")

KEYED(arr, ARRAY, int, struct val, 0);
KEYED(timers, ARRAY, int, struct timed, 0);
KEYED(trees, ARRAY, int, struct treed, 0);
KEYED(lists, ARRAY, int, struct listed, 0);
KEYED(resilients, ARRAY, int, struct resilient, 0);
KEYED(hash, HASH, long, long, 0);
KEYED(lru, LRU_HASH, long, long, 0);
KEYED(percpu, PERCPU_ARRAY, int, long, 0);
KEYED(trie, LPM_TRIE, long, long, BPF_F_NO_PREALLOC);
KEYED(read_only, ARRAY, int, long, BPF_F_RDONLY_PROG);
KEYED(write_only, ARRAY, int, long, BPF_F_WRONLY_PROG);
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 4); __type(value, long); } queue SEC(".maps");
KEYLESS(ring, RINGBUF, 4096);
KEYLESS(user_ring, USER_RINGBUF, 4096);
SIZED(events, PERF_EVENT_ARRAY, 4);
SIZED(stacks, STACK_TRACE, 80);
SIZED(sockets, SOCKMAP, 4);
SIZED(xsks, XSKMAP, 4);
SIZED(devices, DEVMAP, 4);
STORAGE(of_sockets, SK);
STORAGE(of_tasks, TASK);

extern const int bpf_prog_active __ksym __weak;
extern const struct rq runqueues __ksym;
const char fixed_text[16] = "hello";
const volatile char late_text[16] = {1};
long glob;

// Types that only kernel functions are asked for by number must be in the object.
SEC("socket") int keep_types(void *ctx)
{
	struct plain p = {};

	KEEP(&p);
	return (long)bpf_obj_new_impl(TYPE(plain), 0) + (long)bpf_obj_new_impl(TYPE(item), 0) + bpf_core_type_size(struct item) +
	       __builtin_offsetof(struct item, list) + p.b;
}

static int callback2(void *a, void *b) { return 0; }
static int callback4(void *a, void *b, void *c, void *d) { return 0; }
static int callback3(void *map, int *key, void *value) { return 0; }
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b) { return false; }
