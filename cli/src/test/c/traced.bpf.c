// SPDX-License-Identifier: Apache-2.0
//
// Tracing programs that use kernel types: by CO-RE, and through trusted pointers. Compiled with
//   clang-19 -O2 -g -mcpu=v3 -target bpf -ffile-prefix-map="$PWD"=. -I/usr/include/x86_64-linux-gnu -c traced.bpf.c -o ../resources/traced.bpf.o
//   llvm-strip-19 -g ../resources/traced.bpf.o

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
	int pid;
	unsigned int flags;
	struct task_struct *real_parent;
} __attribute__((preserve_access_index));

char LICENSE[] SEC("license") = "GPL";

int switches;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	if (prev->real_parent->pid != next->pid)
		switches++;
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(write_task, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	prev->flags = 0;
	return 0;
}

SEC("kprobe/do_nanosleep")
int BPF_KPROBE(read_parent)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	switches += BPF_CORE_READ(task, real_parent, pid);
	return 0;
}
