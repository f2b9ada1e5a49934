// Calls that stand or fall with a rule of their own: what is void afterwards, what a helper may be given, from where it
// may be called, and what follows for numbers that are linked.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void __bpf_trap(void) __ksym;
extern void *bpf_cast_to_kern_ctx(void *context) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 16);
	__type(value, __u64);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

char text[16];

SEC("xdp")
int element_after_destroy(struct xdp_md *ctx)
{
	struct bpf_iter_num it;
	int result = XDP_PASS;

	bpf_iter_num_new(&it, 0, 10);
	int *element = bpf_iter_num_next(&it);
	bpf_iter_num_destroy(&it);
	if (element)
		result = *element;
	return result;
}

SEC("iter.s/task")
int tasks_outside_of_section(struct bpf_iter__task *ctx)
{
	struct bpf_iter_task it;

	bpf_iter_task_new(&it, NULL, 0);
	bpf_iter_task_destroy(&it);
	return 0;
}

SEC("iter.s/task")
int tasks_in_section(struct bpf_iter__task *ctx)
{
	struct bpf_iter_task it;

	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, NULL, 0);
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

SEC("xdp")
int socket_counts_as_maybe_null(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct bpf_xdp_sock *socket = bpf_map_lookup_elem(&sockets, &key);

	if (!socket)
		return XDP_DROP;
	// Never 0, which Linux does not know: it walks what follows.
	asm volatile("if %[socket] != 0 goto +1;"
		     "r0 = *(u64 *)(r10 + 8);"
		     :
		     : [socket] "r"(socket)
		     : "r0");
	return XDP_PASS;
}

SEC("tp_btf/sys_enter")
int path_of_tracepoint(__u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return bpf_d_path(&task->fs->pwd, text, sizeof(text)) & 1;
}

SEC("syscall")
int storage_of_syscall(void *ctx)
{
	return bpf_get_socket_cookie(ctx);
}

SEC("xdp")
int pops_into_packet(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data;

	if (data + 8 > (char *)(long)ctx->data_end)
		return XDP_PASS;
	bpf_map_pop_elem(&stack, data);
	return XDP_PASS;
}

SEC("raw_tp/sys_enter")
int format_of_three(void *ctx)
{
	static const char format[] = "%d %s %pI4";
	__u64 values[3] = {};

	return bpf_snprintf(text, sizeof(text), format, values, sizeof(values)) & 1;
}

SEC("raw_tp/sys_enter")
int format_of_two(void *ctx)
{
	static const char format[] = "%d %s %d";
	__u64 values[2] = {};

	return bpf_snprintf(text, sizeof(text), format, values, sizeof(values)) & 1;
}

SEC("raw_tp/sys_enter")
int format_unknown(void *ctx)
{
	static const char format[] = "%f";
	__u64 values[1] = {};

	return bpf_snprintf(text, sizeof(text), format, values, sizeof(values)) & 1;
}

SEC("tp_btf/sys_enter")
int entry_of_tracepoint(void *ctx)
{
	return bpf_get_func_ip(ctx) & 1;
}

SEC("xdp")
int trapped(struct xdp_md *ctx)
{
	if (ctx->rx_queue_index == 1)
		__bpf_trap();
	return XDP_PASS;
}

SEC("socket")
int linked_in_32_bits(void *ctx)
{
	asm volatile("call %[random];"
		     "w0 = w0;"
		     "w1 = w0;"
		     "w1 -= 3;"
		     "if w1 > 12 goto 1f;" // w0 is 3 to 15
		     "r2 = %[text] ll;"
		     "r2 += r0;"
		     "r0 = *(u8 *)(r2 + 0);"
		     "1:"
		     :
		     : [random] "i"(BPF_FUNC_get_prandom_u32), [text] "i"(text)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return 0;
}

SEC("socket")
int linked_one_too_far(void *ctx)
{
	asm volatile("call %[random];"
		     "w0 = w0;"
		     "w1 = w0;"
		     "w1 -= 3;"
		     "if w1 > 13 goto 1f;"
		     "r2 = %[text] ll;"
		     "r2 += r0;"
		     "r0 = *(u8 *)(r2 + 0);"
		     "1:"
		     :
		     : [random] "i"(BPF_FUNC_get_prandom_u32), [text] "i"(text)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return 0;
}

/* A pointer to a struct that is only declared is none that a map could keep. */
struct never_defined;

struct with_declared {
	struct bpf_spin_lock lock;
	__u32 count;
	struct never_defined __attribute__((btf_type_tag("kptr"))) *kept;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct with_declared);
} declared SEC(".maps");

SEC("tc")
int locks_beside_declared(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_declared *value = bpf_map_lookup_elem(&declared, &key);

	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count++;
	bpf_spin_unlock(&value->lock);
	return 0;
}

SEC("tc")
int exchanges_declared(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct with_declared *value = bpf_map_lookup_elem(&declared, &key);

	return value && bpf_kptr_xchg(&value->kept, NULL);
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

// A tail call that failed has changed nothing.
SEC("xdp")
int packet_after_tail_call(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;

	if (data + 4 > (__u8 *)(long)ctx->data_end)
		return XDP_DROP;
	bpf_tail_call(ctx, &programs, 1);
	return data[3] & 1;
}

static __attribute__((noinline)) int goes_on(void *ctx)
{
	bpf_tail_call(ctx, &programs, 1);
	return text[1];
}

// One that did not, in a function, may have changed the packet before that function returned.
SEC("xdp")
int packet_after_function_with_tail_call(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;

	if (data + 4 > (__u8 *)(long)ctx->data_end)
		return XDP_DROP;
	return (goes_on(ctx) + data[3]) & 1;
}

// Behind a union, the end of a member does not count.
SEC("tc")
int beyond_member_of_union(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	return *(__u64 *)&kernel->secmark & 1;
}
