// SPDX-License-Identifier: Apache-2.0
// A program of about 5,000 instructions, to time loading with.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sums SEC(".maps");

// The empty statement keeps the compiler from reordering steps until it is out of registers.
#define STEP(n)                                                 \
	word = *(volatile __u32 *)(data + ((n) % 15) * 4);      \
	sum += word * ((n) + 3);                                \
	sum ^= sum >> 7;                                        \
	asm volatile("" : "+r"(sum));
#define STEPS_4(n) STEP(n) STEP((n) + 1) STEP((n) + 2) STEP((n) + 3)
#define STEPS_16(n) STEPS_4(n) STEPS_4((n) + 4) STEPS_4((n) + 8) STEPS_4((n) + 12)
#define STEPS_64(n) STEPS_16(n) STEPS_16((n) + 16) STEPS_16((n) + 32) STEPS_16((n) + 48)
#define STEPS_256(n) STEPS_64(n) STEPS_64((n) + 64) STEPS_64((n) + 128) STEPS_64((n) + 192)

SEC("xdp")
int large(struct xdp_md *context)
{
	void *data = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	__u64 sum = 0, *total;
	__u32 word, key;

	if (data + 64 > end)
		return XDP_PASS;
	STEPS_256(0) STEPS_256(256) STEPS_64(512) STEPS_16(576) STEPS_16(592) STEPS_16(608)
	key = sum & 63;
	total = bpf_map_lookup_elem(&sums, &key);
	if (total)
		*total += sum;
	return sum & 1 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
