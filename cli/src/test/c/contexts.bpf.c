// SPDX-License-Identifier: Apache-2.0
//
// Programs that decide by their contexts. Compiled with
//   clang-19 -O2 -g -target bpf -ffile-prefix-map="$PWD"=. -I/usr/include/x86_64-linux-gnu -c contexts.bpf.c -o ../resources/contexts.bpf.o
//   llvm-strip-19 -g ../resources/contexts.bpf.o

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} opened SEC(".maps");

/* What a tracepoint of a system call is handed. */
struct sys_enter {
	__u64 common;
	long number;
	unsigned long arguments[6];
};

SEC("tc")
int marked(struct __sk_buff *skb)
{
	return skb->mark == 7 ? TC_ACT_TRAP : TC_ACT_OK;
}

struct sum {
	__u32 first;
	__u32 second;
	__u64 total;
};

SEC("syscall")
int add(struct sum *ctx)
{
	ctx->total = (__u64)ctx->first + ctx->second;
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int count_flags(struct sys_enter *ctx)
{
	__u32 flags = ctx->arguments[2];
	__u64 one = 1, *count = bpf_map_lookup_elem(&opened, &flags);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&opened, &flags, &one, BPF_NOEXIST);
	bpf_printk("openat with flags %x", flags);
	return 0;
}
