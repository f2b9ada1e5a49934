// What a global function's arguments are declared to be, and what they are given. Not in calls.bpf.c: Linux does not take
// the tags of that object's types.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__attribute__((noinline)) int number_of(struct task_struct *task __attribute__((btf_decl_tag("arg:trusted"))))
{
	return task->pid;
}

// Objects that are read from others will do where helpers take them.
SEC("tp_btf/sys_enter")
int trusts_parent(__u64 *ctx)
{
	return number_of(bpf_get_current_task_btf()->real_parent);
}

SEC("iter.s/task")
int trusts_parent_without_section(struct bpf_iter__task *ctx)
{
	return number_of(bpf_get_current_task_btf()->real_parent) & 0;
}
