// System calls written to a ring buffer by fillers that call each other's tail, with a scratch buffer per CPU.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define SCRATCH 8192
#define MAX_ARGUMENTS 16
#define MAX_PATH 256

struct progress {
	__u32 used;
	__u32 argument;
	__u64 lost;
};

struct scratch {
	struct progress state;
	__u8 bytes[SCRATCH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} fillers SEC(".maps");

static __always_inline struct scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

static __always_inline int put(struct scratch *to, const void *from, __u32 size)
{
	__u32 at = to->state.used;

	if (at > SCRATCH / 2 || size > SCRATCH / 2)
		return -1;
	if (bpf_probe_read_kernel(&to->bytes[at & (SCRATCH / 2 - 1)], size & (SCRATCH / 2 - 1), from) < 0)
		return -1;
	to->state.used = at + size;
	to->state.argument++;
	return 0;
}

static __always_inline int put_path(struct scratch *to, struct dentry *dentry)
{
	for (int i = 0; i < MAX_ARGUMENTS; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		__u32 at = to->state.used;
		long length;

		if (!dentry || dentry == parent || at > SCRATCH / 2)
			break;
		length = bpf_probe_read_kernel_str(&to->bytes[at & (SCRATCH / 2 - 1)], MAX_PATH,
						   BPF_CORE_READ(dentry, d_name.name));
		if (length <= 0)
			break;
		to->state.used = at + (length & (MAX_PATH - 1));
		dentry = parent;
	}
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct scratch *to = scratch();
	struct pt_regs *registers = (void *)ctx->args[0];
	__u64 argument;

	if (!to)
		return 0;
	to->state.used = 0;
	to->state.argument = 0;
#pragma unroll
	for (int i = 0; i < 6; i++) {
		bpf_probe_read_kernel(&argument, sizeof(argument), (__u64 *)registers + i);
		if (put(to, &argument, sizeof(argument)) < 0) {
			to->state.lost++;
			return 0;
		}
	}
	bpf_tail_call(ctx, &fillers, ctx->args[1] & 7);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int fill_task(struct bpf_raw_tracepoint_args *ctx)
{
	struct scratch *to = scratch();
	struct task_struct *task = (void *)bpf_get_current_task();

	if (!to)
		return 0;
	for (int i = 0; i < MAX_ARGUMENTS && task; i++) {
		__u32 pid = BPF_CORE_READ(task, tgid);
		char name[16];

		BPF_CORE_READ_STR_INTO(&name, task, comm);
		if (put(to, &pid, sizeof(pid)) < 0 || put(to, name, sizeof(name)) < 0)
			break;
		if (pid == 1)
			break;
		task = BPF_CORE_READ(task, real_parent);
	}
	bpf_tail_call(ctx, &fillers, 1);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int fill_path(struct bpf_raw_tracepoint_args *ctx)
{
	struct scratch *to = scratch();
	struct task_struct *task = (void *)bpf_get_current_task();

	if (!to)
		return 0;
	put_path(to, BPF_CORE_READ(task, fs, pwd.dentry));
	put_path(to, BPF_CORE_READ(task, mm, exe_file, f_path.dentry));
	bpf_tail_call(ctx, &fillers, 2);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int fill_end(struct bpf_raw_tracepoint_args *ctx)
{
	struct scratch *to = scratch();

	if (!to)
		return 0;
	bpf_ringbuf_output(&events, to->bytes, to->state.used & (SCRATCH - 1), 0);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int fill_beyond(struct bpf_raw_tracepoint_args *ctx)
{
	struct scratch *to = scratch();

	if (!to)
		return 0;
	bpf_ringbuf_output(&events, to->bytes, to->state.used, 0);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int fill_leak(struct bpf_raw_tracepoint_args *ctx)
{
	struct progress *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return 0;
	record->used = 1;
	if (ctx->args[1] == 1)
		return 0;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
