// What a pointer keeps of another that it was made of, what loads from memory that nobody vouches for may do, which
// pointers may meet in one instruction, and what is void once a packet's metadata was written.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "kfuncs.h"

char LICENSE[] SEC("license") = "GPL";

struct item {
	__u64 key;
	struct bpf_rb_node tree;
	struct bpf_refcount count;
};

struct shelf {
	struct bpf_spin_lock lock;
	struct bpf_rb_root root __attribute__((btf_decl_tag("contains:item:tree")));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct shelf);
} shelves SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

__u64 number;

#define new_item() ((struct item *)bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL))

// number + pointer, where compilers would write pointer + number
#define ADDED_TO(what, pointer)                                                                    \
	({                                                                                         \
		typeof(pointer) sum = (void *)(long)(what);                                        \
		asm volatile("%0 += %1" : "+r"(sum) : "r"(pointer));                               \
		sum;                                                                               \
	})

// The address through a register that the compiler knows nothing of.
#define CHOOSE(a, b)                                                                               \
	({                                                                                         \
		void *chosen;                                                                      \
		if (bpf_get_prandom_u32() & 1)                                                     \
			asm volatile("%0 = %1" : "=r"(chosen) : "r"(a));                           \
		else                                                                               \
			asm volatile("%0 = %1" : "=r"(chosen) : "r"(b));                           \
		chosen;                                                                            \
	})

SEC("tc")
int sum_writes_record(struct __sk_buff *skb)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	*(volatile __u8 *)ADDED_TO(bpf_get_prandom_u32() & 7, record) = 1;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tc")
int sum_gives_no_record_back(struct __sk_buff *skb)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	bpf_ringbuf_submit(ADDED_TO(0, record), 0);
	return 0;
}

SEC("tp_btf/sys_enter")
int sum_reads_task(void *ctx)
{
	struct task_struct *task = bpf_task_acquire(bpf_get_current_task_btf());

	if (!task)
		return 0;
	number = ADDED_TO(0, task)->pid;
	bpf_task_release(task);
	return 0;
}

SEC("tp_btf/sys_enter")
int sum_is_not_trusted(void *ctx)
{
	struct task_struct *task = bpf_task_acquire(bpf_get_current_task_btf());

	if (!task)
		return 0;
	struct task_struct *again = bpf_task_acquire(ADDED_TO(0, task));
	if (again)
		bpf_task_release(again);
	bpf_task_release(task);
	return 0;
}

SEC("tp_btf/sys_enter")
int sum_gives_no_task_back(void *ctx)
{
	struct task_struct *task = bpf_task_acquire(bpf_get_current_task_btf());

	if (!task)
		return 0;
	bpf_task_release(ADDED_TO(0, task));
	return 0;
}

SEC("tc")
int sum_reads_no_object(struct __sk_buff *skb)
{
	struct item *item = new_item();

	if (!item)
		return 0;
	number = *(volatile __u64 *)&ADDED_TO(0, item)->key;
	bpf_obj_drop_impl(item, NULL);
	return 0;
}

SEC("tc")
int sum_acquires_object(struct __sk_buff *skb)
{
	struct item *item = new_item();

	if (!item)
		return 0;
	struct item *more = bpf_refcount_acquire_impl(ADDED_TO(0, item), NULL);
	if (more)
		bpf_obj_drop_impl(more, NULL);
	bpf_obj_drop_impl(item, NULL);
	return 0;
}

SEC("tc")
int untrusted_memory_at_any_offset(struct __sk_buff *skb)
{
	char *memory = bpf_rdonly_cast(NULL, 0);

	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, 1000000);
	while (bpf_iter_num_next(&it)) {
		memory += 8;
		number += *(volatile int *)memory;
	}
	bpf_iter_num_destroy(&it);
	asm volatile("%0 -= %1" : "+r"(memory) : "r"(number));
	return *(volatile int *)memory & 1;
}

SEC("tc")
int untrusted_memory_after_any_operation(struct __sk_buff *skb)
{
	char *memory = bpf_rdonly_cast(NULL, 0);

	asm volatile("%0 *= 3; %0 |= 7; %0 >>= 1" : "+r"(memory));
	return *(volatile int *)memory & 1;
}

SEC("tc")
int sum_is_no_untrusted_memory(struct __sk_buff *skb)
{
	int *memory = bpf_rdonly_cast(NULL, 0);

	return *(volatile int *)ADDED_TO(0, memory) & 1;
}

SEC("tc")
int untrusted_memory_not_in_32_bits(struct __sk_buff *skb)
{
	char *memory = bpf_rdonly_cast(NULL, 0);

	asm volatile("r1 = %0; w1 += 1" ::"r"(memory) : "r1");
	return 0;
}

SEC("tp_btf/sys_enter")
int one_load_of_object_and_memory(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	void *memory = bpf_rdonly_cast(NULL, 0);

	return *(volatile int *)CHOOSE(task, memory) & 0;
}

SEC("tp_btf/sys_enter")
int one_load_of_object_and_map(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return *(volatile int *)CHOOSE(task, &number) & 0;
}

// Each other instruction wants one type, and one trust.
SEC("tc")
int one_store_to_owned_and_shared(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct shelf *shelf = bpf_map_lookup_elem(&shelves, &key);

	if (!shelf)
		return 0;
	struct item *item = new_item();
	if (!item)
		return 0;
	struct item *more = bpf_refcount_acquire_impl(item, NULL);
	if (!more) {
		bpf_obj_drop_impl(item, NULL);
		return 0;
	}
	int which = bpf_get_prandom_u32() & 1;
	bpf_spin_lock(&shelf->lock);
	struct bpf_rb_node *first = bpf_rbtree_first(&shelf->root);
	void *chosen = item;
	if (first && which)
		asm volatile("%0 = %1" : "=r"(chosen) : "r"((void *)first - __builtin_offsetof(struct item, tree)));
	asm volatile("*(u64 *)(%0 + 0) = 1" ::"r"(chosen) : "memory");
	bpf_spin_unlock(&shelf->lock);
	bpf_obj_drop_impl(more, NULL);
	bpf_obj_drop_impl(item, NULL);
	return 0;
}

SEC("tc")
int one_atomic_of_object_and_map(struct __sk_buff *skb)
{
	struct item *item = new_item();

	if (!item)
		return 0;
	void *chosen = CHOOSE(item, &number);
	asm volatile("r1 = 1; lock *(u64 *)(%0 + 0) += r1" ::"r"(chosen) : "r1", "memory");
	bpf_obj_drop_impl(item, NULL);
	return 0;
}

SEC("tp_btf/sys_enter")
int one_acquire_of_two_trusts(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	// r1 = load_acquire((u32 *)(r2 + 0))
	asm volatile("r2 = %0; .8byte 0x00000100000021c3" ::"r"(CHOOSE(task, task->real_parent)) : "r1", "r2");
	return 0;
}

SEC("tc")
int releases_into_context(struct __sk_buff *skb)
{
	// store_release((u32 *)(r2 + 8), r1)
	asm volatile("r2 = %0; r1 = 0; .8byte 0x00000110000812c3" ::"r"(skb) : "r1", "r2", "memory");
	return 0;
}

SEC("tc")
int acquires_from_number(struct __sk_buff *skb)
{
	asm volatile("r2 = 5; .8byte 0x00000100000021c3" ::: "r1", "r2");
	return 0;
}

SEC("tc")
int slice_after_metadata_write(struct __sk_buff *skb)
{
	struct bpf_dynptr data, metadata;

	bpf_dynptr_from_skb(skb, 0, &data);
	bpf_dynptr_from_skb_meta(skb, 0, &metadata);
	volatile __u8 *byte = bpf_dynptr_slice(&data, 0, NULL, 1);
	if (!byte)
		return 0;
	bpf_dynptr_write(&metadata, 0, "x", 1, 0);
	return *byte & 1;
}

SEC("tc")
int packet_after_metadata_write(struct __sk_buff *skb)
{
	volatile __u8 *data = (void *)(long)skb->data;
	struct bpf_dynptr metadata;

	if (data + 1 > (__u8 *)(long)skb->data_end)
		return 0;
	bpf_dynptr_from_skb_meta(skb, 0, &metadata);
	bpf_dynptr_write(&metadata, 0, "x", 1, 0);
	return *data & 1;
}

SEC("tc")
int metadata_after_memset(struct __sk_buff *skb)
{
	struct bpf_dynptr metadata;

	bpf_dynptr_from_skb_meta(skb, 0, &metadata);
	volatile __u8 *byte = bpf_dynptr_slice(&metadata, 0, NULL, 1);
	if (!byte)
		return 0;
	bpf_dynptr_memset(&metadata, 0, 1, 'x');
	return *byte & 1;
}

// What kernel functions slice is there as long as what the dynptr is over; what the helper slices ends with the dynptr.
SEC("tc")
int slice_after_overwritten_dynptr(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptr;
	__u64 room;

	bpf_dynptr_from_mem(&number, sizeof(number), 0, &dynptr);
	volatile __u64 *slice = bpf_dynptr_slice(&dynptr, 0, &room, sizeof(room));
	*(volatile __u64 *)&dynptr = 0;
	return slice ? *slice & 1 : 0;
}

SEC("tc")
int data_after_overwritten_dynptr(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptr;

	bpf_dynptr_from_mem(&number, sizeof(number), 0, &dynptr);
	volatile __u64 *data = bpf_dynptr_data(&dynptr, 0, sizeof(*data));
	*(volatile __u64 *)&dynptr = 0;
	return data ? *data & 1 : 0;
}

SEC("tc")
int clones_over_itself(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptr;

	bpf_dynptr_from_skb(skb, 0, &dynptr);
	bpf_dynptr_clone(&dynptr, &dynptr);
	return bpf_dynptr_read(&number, sizeof(number), &dynptr, 0, 0) & 1;
}

SEC("tc")
int clones_record_over_itself(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptr;

	bpf_ringbuf_reserve_dynptr(&ring, sizeof(number), 0, &dynptr);
	bpf_dynptr_clone(&dynptr, &dynptr);
	bpf_ringbuf_discard_dynptr(&dynptr, 0);
	return 0;
}
