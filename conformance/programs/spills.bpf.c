// SPDX-License-Identifier: Apache-2.0
// Pointers that the stack does not give back.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

static long reads_by_copy(struct bpf_dynptr *record, void *context)
{
	char byte;
	struct bpf_dynptr *volatile copy = record;

	bpf_dynptr_read(&byte, 1, copy, 0, 0);
	return 0;
}

static long keeps_half(struct bpf_dynptr *record, void *context)
{
	asm volatile("*(u32 *)(r10 - 64) = %0" ::"r"(record) : "memory");
	return 0;
}

SEC("tc")
int dynptr_through_stack(struct __sk_buff *ctx)
{
	bpf_user_ringbuf_drain(&records, reads_by_copy, NULL, 0);
	return 0;
}

SEC("tc")
int half_a_dynptr(struct __sk_buff *ctx)
{
	bpf_user_ringbuf_drain(&records, keeps_half, NULL, 0);
	return 0;
}
