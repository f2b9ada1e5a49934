/* What an object leaves to its host. */
#include "bpf.h"

struct task_struct;
struct rq {
	int nr_running;
};

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern _Bool CONFIG_BPF __kconfig;
extern int CONFIG_HZ __kconfig __weak;
extern char CONFIG_VERSION[16] __kconfig __weak;

extern const void init_task __ksym;
extern const void missing_symbol __ksym __weak;
extern const struct rq runqueues __ksym;

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_missing(void) __ksym __weak;

SEC("syscall")
int use(struct task_struct **ctx)
{
	__u64 result = LINUX_KERNEL_VERSION + CONFIG_HZ + CONFIG_VERSION[2];

	if (CONFIG_BPF)
		result += (__u64)&init_task;
	if (&missing_symbol)
		result += (__u64)&missing_symbol;
	result += (__u64)&runqueues;
	if (bpf_missing)
		bpf_missing();
	return result + (bpf_task_acquire(*ctx) != 0);
}

char _license[] SEC("license") = "GPL";
