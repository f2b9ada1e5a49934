// SPDX-License-Identifier: Apache-2.0
// Keys, values and variables of many shapes, for the test of generated Java classes. Built by:
//   clang-19 -g -O2 --target=bpf -mcpu=v3 -I/usr/include/x86_64-linux-gnu -ffile-prefix-map="$PWD"=. \
//     -fdebug-compilation-dir=. -c generated.bpf.c -o ../resources/generated.bpf.o
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct point {
	int x, y;
};

union either {
	__u32 whole;
	__u8 parts[4];
};

struct entry {
	__u64 count;
	__u16 kind;
	struct point first;
	struct point others[2];
	__u32 numbers[3];
	char label[8];
	union either either;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

const volatile __u32 limit = 1;
__u64 total;
__u32 step = 1;
__u8 class[3][2];
float ratio;

SEC("xdp")
int count_packets(struct xdp_md *context)
{
	__u32 key = 1;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	total += context->data_end - context->data + step;
	class[1][1]++;
	if (entry && entry->kind < limit)
		entry->count += step;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
