// What helpers write and return: each program goes wrong only where a helper wrote what was 0, or returned what is 0.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define WRONG (*(volatile int *)8)

char _license[] SEC("license") = "GPL";

SEC("cgroup/sysctl")
int name_is_written(struct bpf_sysctl *ctx)
{
	char name[8] = {};

	bpf_sysctl_get_name(ctx, name, sizeof(name), 0);
	return name[0] ? 2 : 1;
}

SEC("iter/task_file")
int path_is_written(struct bpf_iter__task_file *ctx)
{
	char path[8] = {};

	if (!ctx->file)
		return 0;
	bpf_d_path((struct path *)&ctx->file->f_path, path, sizeof(path));
	return path[0] ? WRONG : 0;
}

SEC("perf_event")
int branches_are_written(struct bpf_perf_event_data *ctx)
{
	__u64 branches[3] = {};

	bpf_read_branch_records(ctx, branches, sizeof(branches), 0);
	return branches[0] ? WRONG : 0;
}

SEC("iter/task")
int registers_may_be_absent(struct bpf_iter__task *ctx)
{
	struct pt_regs *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());

	return registers ? 0 : WRONG;
}

SEC("iter/task")
int current_task_is_there(struct bpf_iter__task *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task ? 0 : WRONG;
}

SEC("iter/task")
int untrusted_memory_may_be_absent(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task)
		return 0;
	return task->stack ? 0 : WRONG;
}
