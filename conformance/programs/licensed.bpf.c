// What a license that is not compatible with the GPL keeps from a program.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tc")
int calls_kernel(struct __sk_buff *skb)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return 0;
}

SEC("tc")
int prints(struct __sk_buff *skb)
{
	bpf_printk("%d", skb->len);
	return 0;
}

SEC("tc")
int counts(struct __sk_buff *skb)
{
	return bpf_ktime_get_ns() & 1;
}

SEC("tc")
int seldom_calls_kernel(struct __sk_buff *skb)
{
	if (skb->mark == 7)
		bpf_rcu_read_lock();
	return 0;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(reads_kernel_struct, struct task_struct *task)
{
	return task->pid;
}

SEC("tc")
int asks_for_task(struct __sk_buff *skb)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task ? skb->len : 0;
}

extern void bpf_no_such_function(void) __ksym __weak;

SEC("tc")
int calls_what_is_not_there(struct __sk_buff *skb)
{
	bpf_no_such_function();
	return 0;
}

SEC("tc")
int would_call_what_is_not_there(struct __sk_buff *skb)
{
	if (bpf_no_such_function)
		bpf_no_such_function();
	return 0;
}

char LICENSE[] SEC("license") = "Apache-2.0";
