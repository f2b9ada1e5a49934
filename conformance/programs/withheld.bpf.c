// Calls of functions that the kernel has and does not offer to programs.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern int bpf_fentry_test1(int a) __ksym;
extern int bpf_fentry_test2(int a, __u64 b) __ksym;

SEC("syscall")
int marked(void *ctx)
{
	return bpf_fentry_test1(1);
}

SEC("syscall")
int unmarked(void *ctx)
{
	return bpf_fentry_test2(1, 2);
}

SEC("syscall")
int unreached(void *ctx)
{
	volatile int zero = 0;

	if (zero & 0)
		return bpf_fentry_test2(1, 2);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
