// Programs that Linux 6.18 lets pass by faults of its own, through each of which a program could leave what it was given.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "../kfuncs.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4);
} arena SEC(".maps");

__u64 number;

#define ADDED_TO_0(pointer)                                                                        \
	({                                                                                         \
		typeof(pointer) sum;                                                               \
		asm volatile("%0 = 0; %0 += %1" : "=&r"(sum) : "r"(pointer));                      \
		sum;                                                                               \
	})

// A number and a pointer added make a pointer that Linux does not end with the reference.
SEC("tc")
int record_after_submit(struct __sk_buff *skb)
{
	__u64 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	volatile __u64 *sum = ADDED_TO_0(record);
	bpf_ringbuf_submit(record, 0);
	*sum = 1;
	return 0;
}

SEC("tc")
int slice_after_discard(struct __sk_buff *skb)
{
	struct bpf_dynptr record;

	bpf_ringbuf_reserve_dynptr(&ring, sizeof(number), 0, &record);
	__u64 *slice = bpf_dynptr_data(&record, 0, sizeof(number));
	if (!slice) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return 0;
	}
	volatile __u64 *sum = ADDED_TO_0(slice);
	bpf_ringbuf_discard_dynptr(&record, 0);
	number = *sum;
	return 0;
}

// What kernel functions slice from a record does not end with it either.
SEC("tc")
int function_slice_after_discard(struct __sk_buff *skb)
{
	struct bpf_dynptr record;
	__u64 room;

	bpf_ringbuf_reserve_dynptr(&ring, sizeof(number), 0, &record);
	volatile __u64 *slice = bpf_dynptr_slice(&record, 0, &room, sizeof(room));
	bpf_ringbuf_discard_dynptr(&record, 0);
	return slice ? *slice & 1 : 0;
}

// And a dynptr may be cloned over a half of itself.
SEC("tc")
int clones_over_half(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptrs[2];
	struct bpf_dynptr *half = (void *)dynptrs + 8;

	bpf_dynptr_from_skb(skb, 0, dynptrs);
	bpf_dynptr_clone(dynptrs, half);
	return bpf_dynptr_read(&number, sizeof(number), half, 0, 0) & 1;
}

SEC("tp_btf/sys_enter")
int task_after_release(void *ctx)
{
	struct task_struct *task = bpf_task_acquire(bpf_get_current_task_btf());

	if (!task)
		return 0;
	struct task_struct *sum = ADDED_TO_0(task);
	bpf_task_release(task);
	number = sum->pid;
	return 0;
}

// And one that it takes into the stack of the first function, wherever it points.
static __attribute__((naked, noinline, used)) int hides_number(void)
{
	asm volatile("*(u64 *)(r10 - 8) = r1;"
		     "r6 = -8;"
		     "r6 += r10;"
		     "*(u64 *)(r6 + 0) = r2;"
		     "r7 = *(u64 *)(r10 - 8);"
		     "*(u64 *)(r7 + 0) = r2;"
		     "r0 = 0;"
		     "exit");
}

SEC("tc")
__attribute__((naked)) int number_as_pointer(void)
{
	asm volatile("r1 = %[number] ll;"
		     "r2 = 0;"
		     "call hides_number;"
		     "r0 = 0;"
		     "exit" ::[number] "i"(&number));
}

// Of untrusted memory it makes the number that was there before.
SEC("tc")
int address_as_number(struct __sk_buff *skb)
{
	asm volatile("r1 = 0;"
		     "r2 = 0;"
		     "call bpf_rdonly_cast;"
		     "r1 = -16;"
		     "r1 += r0;"
		     "r2 = r10;"
		     "r2 += r1;"
		     "*(u8 *)(r2 + 0) = 0;" ::
			     : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
	return bpf_rdonly_cast(skb, 0) == NULL;
}

// It takes what a function writes behind a tail call for written in any case.
static __attribute__((naked, noinline, used)) int writes_behind_tail_call(void)
{
	asm volatile("r6 = r2;"
		     "r2 = %[programs] ll;"
		     "r3 = 0;"
		     "call %[tail_call];"
		     "*(u64 *)(r6 + 0) = -16;"
		     "r0 = 0;"
		     "exit" ::[programs] "i"(&programs),
		     [tail_call] "i"(BPF_FUNC_tail_call));
}

SEC("tc")
__attribute__((naked)) int unwritten_offset(void)
{
	asm volatile("r6 = r1;"
		     "*(u64 *)(r10 - 8) = -8;"
		     "call %[random];"
		     "if r0 != 42 goto 1f;"
		     "goto 2f;"
		     "1:"
		     "*(u64 *)(r10 - 8) = -1024;"
		     "2:"
		     "r1 = r6;"
		     "r2 = r10;"
		     "r2 += -8;"
		     "call writes_behind_tail_call;"
		     "r1 = *(u64 *)(r10 - 8);"
		     "r2 = r10;"
		     "r2 += r1;"
		     "r0 = *(u64 *)(r2 + 0);"
		     "exit" ::[random] "i"(BPF_FUNC_get_prandom_u32));
}

// r2 = load_acquire((u32 *)(r2 + 0)): it looks at the kind of the pointer once that is overwritten.
SEC("tc")
int acquires_from_context(struct __sk_buff *skb)
{
	asm volatile("r2 = %0; .8byte 0x00000100000022c3" ::"r"(skb) : "r2");
	return 0;
}

// It compiles the atomic operation for addresses in the arena, for the number too.
SEC("tc")
int one_atomic_of_arena_and_map(struct __sk_buff *skb)
{
	void *chosen;

	asm volatile("%0 = %1 ll" : "=r"(chosen) : "i"(&arena));
	if (bpf_get_prandom_u32() & 1)
		asm volatile("%0 = 4096; %0 = addr_space_cast(%0, 0, 1)" : "=r"(chosen));
	else
		asm volatile("%0 = %1" : "=r"(chosen) : "r"(&number));
	asm volatile("r1 = 1; lock *(u64 *)(%0 + 0) += r1" ::"r"(chosen) : "r1", "memory");
	return 0;
}
