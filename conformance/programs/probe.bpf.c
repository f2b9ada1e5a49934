// A probe of system calls in the style of security monitors: an event is put together in a large buffer of each CPU's
// own, field by field, as a table says what the call's arguments are; a program for each kind of event is called by tail
// calls, and the last one hands the event to a ring buffer.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#define BUFFER_SIZE (128 * 1024)
#define BUFFER_HALF (BUFFER_SIZE / 2)
#define HALF_MASK (BUFFER_HALF - 1)
#define MAX_FIELDS 16
#define MAX_ARGUMENTS 6
#define MAX_NAME 256
#define MAX_PATH 4096
#define MAX_DATA 1024
#define MAX_PARTS 24
#define SYSCALLS 512
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

char LICENSE[] SEC("license") = "Dual MIT/GPL";

enum kind {
	KIND_NONE,
	KIND_NUMBER,
	KIND_STRING,
	KIND_DATA,
	KIND_ADDRESS,
	KIND_FILE,
	KIND_VECTOR,
	KIND_FLAGS,
};

enum filler {
	FILL_BY_TABLE,
	FILL_EXECVE,
	FILL_CONNECT,
	FILL_OPEN,
	FILL_SEND,
};

struct row {
	__u8 kinds[MAX_ARGUMENTS];
	__u8 filler;
	__u8 wanted;
};

struct header {
	__u64 time;
	__u64 thread;
	__u32 length;
	__u16 type;
	__u16 fields;
};

struct scratch {
	__u8 bytes[BUFFER_SIZE];
	__u16 lengths[MAX_FIELDS];
	__u64 arguments[MAX_ARGUMENTS];
	__s64 result;
	__u32 offset;
	__u32 call;
	__u16 fields;
	__u16 busy;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} drops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct scratch);
} buffers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64[MAX_ARGUMENTS]);
} entered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYSCALLS);
	__type(key, __u32);
	__type(value, struct row);
} table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 16);
	__uint(key_size, 4);
	__uint(value_size, 4);
} fillers SEC(".maps");

static __always_inline struct scratch *scratch(void)
{
	__u32 cpu = bpf_get_smp_processor_id() & 63;

	return bpf_map_lookup_elem(&buffers, &cpu);
}

static __always_inline void end_field(struct scratch *s, __u32 bytes)
{
	__u16 field = s->fields;

	if (field < MAX_FIELDS) {
		s->lengths[field] = bytes;
		s->fields = field + 1;
	}
	s->offset += bytes;
}

static __always_inline void number(struct scratch *s, __u64 value)
{
	if (s->offset > BUFFER_HALF - 8)
		return;
	*(__u64 *)&s->bytes[s->offset & HALF_MASK] = value;
	end_field(s, 8);
}

static __always_inline void string(struct scratch *s, const void *from, __u32 limit, bool user)
{
	__u32 at = s->offset;
	long got;

	if (at > BUFFER_HALF - MAX_PATH)
		return;
	if (user)
		got = bpf_probe_read_user_str(&s->bytes[at & HALF_MASK], limit, from);
	else
		got = bpf_probe_read_kernel_str(&s->bytes[at & HALF_MASK], limit, from);
	if (got < 0) {
		s->bytes[at & HALF_MASK] = 0;
		got = 1;
	}
	end_field(s, got & (MAX_PATH - 1));
}

static __always_inline void data(struct scratch *s, const void *from, __u64 size)
{
	__u32 at = s->offset;
	__u32 bytes = size;

	if (at > BUFFER_HALF - MAX_DATA)
		return;
	if (size >= MAX_DATA)
		bytes = MAX_DATA - 1;
	bytes &= MAX_DATA - 1;
	if (bpf_probe_read_user(&s->bytes[at & HALF_MASK], bytes, from))
		bytes = 0;
	end_field(s, bytes);
}

// The strings of a null-terminated vector, each with its 0, as one field.
static __always_inline void vector(struct scratch *s, const void *from)
{
	__u32 start = s->offset;
	__u32 at = start;
	__u64 part;

	for (int i = 0; i < MAX_PARTS; i++) {
		long got;

		if (bpf_probe_read_user(&part, sizeof(part), from + i * sizeof(part)) || !part)
			break;
		if (at > BUFFER_HALF - MAX_PATH)
			break;
		got = bpf_probe_read_user_str(&s->bytes[at & HALF_MASK], MAX_NAME, (void *)part);
		if (got <= 0)
			break;
		at += got & (MAX_NAME - 1);
	}
	end_field(s, at - start);
}

static __always_inline void address(struct scratch *s, const void *from, __u64 size)
{
	__u32 at = s->offset;
	__u16 family;
	__u8 *out;

	if (size < 2 || at > BUFFER_HALF - MAX_NAME || bpf_probe_read_user(&family, sizeof(family), from)) {
		end_field(s, 0);
		return;
	}
	out = &s->bytes[at & HALF_MASK];
	switch (family) {
	case AF_INET: {
		struct sockaddr_in in = {};

		bpf_probe_read_user(&in, sizeof(in), from);
		out[0] = family;
		__builtin_memcpy(out + 1, &in.sin_addr.s_addr, 4);
		*(__u16 *)(out + 5) = bpf_ntohs(in.sin_port);
		end_field(s, 7);
		return;
	}
	case AF_INET6: {
		struct sockaddr_in6 in = {};

		bpf_probe_read_user(&in, sizeof(in), from);
		out[0] = family;
		__builtin_memcpy(out + 1, &in.sin6_addr, 16);
		*(__u16 *)(out + 17) = bpf_ntohs(in.sin6_port);
		end_field(s, 19);
		return;
	}
	case AF_UNIX: {
		long got = bpf_probe_read_user_str(out + 1, 108, from + 2);

		out[0] = family;
		end_field(s, got > 0 ? 1 + (got & 127) : 1);
		return;
	}
	default:
		end_field(s, 0);
	}
}

static __always_inline struct file *file_of(int descriptor)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *files = BPF_CORE_READ(task, files, fdt);
	struct file **slots = BPF_CORE_READ(files, fd);
	struct file *file = NULL;

	if (descriptor < 0 || descriptor >= BPF_CORE_READ(files, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), &slots[descriptor]);
	return file;
}

// A path from its end to its start: names go in from the back of the buffer's upper half.
static __always_inline void path(struct scratch *s, struct dentry *dentry)
{
	__u32 free = MAX_PATH - 1;
	__u8 *room = &s->bytes[BUFFER_HALF];

	for (int i = 0; i < MAX_PARTS; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		struct qstr name = BPF_CORE_READ(dentry, d_name);
		__u32 length = name.len & (MAX_NAME - 1);

		if (dentry == parent || free < length + 1 || free > MAX_PATH - 1)
			break;
		free -= length + 1;
		room[free & (MAX_PATH - 1)] = '/';
		if (bpf_probe_read_kernel(&room[(free + 1) & (MAX_PATH - 1)], length, name.name))
			break;
		dentry = parent;
	}
	free &= MAX_PATH - 1;
	string(s, room + free, MAX_PATH - 1, false);
}

static __always_inline void file(struct scratch *s, int descriptor)
{
	struct file *file = file_of(descriptor);

	number(s, (__s64)descriptor);
	if (!file) {
		end_field(s, 0);
		return;
	}
	number(s, BPF_CORE_READ(file, f_inode, i_ino));
	path(s, BPF_CORE_READ(file, f_path.dentry));
}

static __always_inline void begin(struct scratch *s, __u32 call)
{
	struct header *header = (struct header *)s->bytes;

	header->time = bpf_ktime_get_boot_ns();
	header->thread = bpf_get_current_pid_tgid();
	header->type = call;
	s->call = call;
	s->fields = 0;
	s->offset = sizeof(*header);
	number(s, s->result);
}

static __always_inline void count_drop(void)
{
	__u32 key = 0;
	__u64 *drop = bpf_map_lookup_elem(&drops, &key);

	if (drop)
		++*drop;
}

static __always_inline void submit(struct scratch *s)
{
	struct header *header = (struct header *)s->bytes;
	__u32 length = s->offset;

	header->fields = s->fields;
	header->length = length;
	if (length >= BUFFER_HALF || bpf_ringbuf_output(&events, s->bytes, length, 0))
		count_drop();
	s->busy = 0;
}

static __always_inline void process(struct scratch *s)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	number(s, BPF_CORE_READ(task, real_parent, tgid));
	number(s, BPF_CORE_READ(task, cred, uid.val));
	number(s, BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum));
	number(s, BPF_CORE_READ(task, mm, total_vm));
	string(s, BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, name), MAX_NAME, false);
	path(s, BPF_CORE_READ(task, fs, pwd.dentry));
}

SEC("raw_tp/sys_enter")
int BPF_PROG(enter, struct pt_regs *registers, long call)
{
	__u64 thread = bpf_get_current_pid_tgid();
	__u64 arguments[MAX_ARGUMENTS];
	__u32 key = call;
	struct row *row = bpf_map_lookup_elem(&table, &key);

	if (!row || !row->wanted)
		return 0;
	arguments[0] = PT_REGS_PARM1_CORE_SYSCALL(registers);
	arguments[1] = PT_REGS_PARM2_CORE_SYSCALL(registers);
	arguments[2] = PT_REGS_PARM3_CORE_SYSCALL(registers);
	arguments[3] = PT_REGS_PARM4_CORE_SYSCALL(registers);
	arguments[4] = PT_REGS_PARM5_CORE_SYSCALL(registers);
	arguments[5] = 0;
	bpf_map_update_elem(&entered, &thread, arguments, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_exit")
int BPF_PROG(leave, struct pt_regs *registers, long result)
{
	__u64 thread = bpf_get_current_pid_tgid();
	__u64 *arguments = bpf_map_lookup_elem(&entered, &thread);
	__u32 call = BPF_CORE_READ(registers, orig_ax);
	struct row *row = bpf_map_lookup_elem(&table, &call);
	struct scratch *s = scratch();

	if (!arguments || !row || !row->wanted || !s)
		return 0;
	if (__sync_lock_test_and_set((__u32 *)&s->fields, 0) & 0x10000) {
		count_drop();
		return 0;
	}
	s->busy = 1;
	for (int i = 0; i < MAX_ARGUMENTS; i++)
		s->arguments[i] = arguments[i];
	s->result = result;
	bpf_map_delete_elem(&entered, &thread);
	begin(s, call);
	bpf_tail_call(ctx, &fillers, row->filler);
	count_drop();
	s->busy = 0;
	return 0;
}

SEC("raw_tp/sys_exit")
int by_table(void *ctx)
{
	struct scratch *s = scratch();
	struct row *row;
	__u32 call;

	if (!s)
		return 0;
	call = s->call;
	row = bpf_map_lookup_elem(&table, &call);
	if (!row)
		return 0;
	for (int i = 0; i < MAX_ARGUMENTS; i++) {
		__u64 value = s->arguments[i];
		__u64 next = i + 1 < MAX_ARGUMENTS ? s->arguments[i + 1] : 0;

		switch (row->kinds[i]) {
		case KIND_NUMBER:
			number(s, value);
			break;
		case KIND_FLAGS:
			number(s, (__u32)value & 0x3fffff);
			break;
		case KIND_STRING:
			string(s, (void *)value, MAX_PATH - 1, true);
			break;
		case KIND_DATA:
			data(s, (void *)value, next);
			break;
		case KIND_ADDRESS:
			address(s, (void *)value, next);
			break;
		case KIND_FILE:
			file(s, value);
			break;
		case KIND_VECTOR:
			vector(s, (void *)value);
			break;
		default:
			i = MAX_ARGUMENTS;
		}
	}
	submit(s);
	return 0;
}

SEC("raw_tp/sys_exit")
int execve(void *ctx)
{
	struct scratch *s = scratch();

	if (!s)
		return 0;
	string(s, (void *)s->arguments[0], MAX_PATH - 1, true);
	vector(s, (void *)s->arguments[1]);
	vector(s, (void *)s->arguments[2]);
	process(s);
	submit(s);
	return 0;
}

SEC("raw_tp/sys_exit")
int connect(void *ctx)
{
	struct scratch *s = scratch();

	if (!s)
		return 0;
	file(s, s->arguments[0]);
	address(s, (void *)s->arguments[1], s->arguments[2]);
	process(s);
	submit(s);
	return 0;
}

SEC("raw_tp/sys_exit")
int open(void *ctx)
{
	struct scratch *s = scratch();

	if (!s)
		return 0;
	string(s, (void *)s->arguments[1], MAX_PATH - 1, true);
	number(s, s->arguments[2]);
	if (s->result >= 0)
		file(s, s->result);
	process(s);
	submit(s);
	return 0;
}

// Forgets that the field's length is not below the buffer's.
SEC("raw_tp/sys_exit")
int send_unmasked(void *ctx)
{
	struct scratch *s = scratch();
	__u32 bytes;

	if (!s)
		return 0;
	bytes = s->arguments[2];
	if (bytes > BUFFER_SIZE)
		bytes = BUFFER_SIZE;
	bpf_probe_read_user(&s->bytes[s->offset & HALF_MASK], bytes, (void *)s->arguments[1]);
	submit(s);
	return 0;
}
