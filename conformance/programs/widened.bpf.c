// SPDX-License-Identifier: Apache-2.0
// Mistakes in loops whose numbers a verifier forgets, so that the rounds become alike: nothing is known of them in the round
// that is refused, whatever the rounds before it left there.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

unsigned char bytes[64];

SEC("socket")
int counts_rounds_of_iterator(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	unsigned long count = 0;

	bpf_iter_num_new(&it, 0, 64);
	while (bpf_iter_num_next(&it)) {
		bytes[count] = 1;
		count++;
		asm volatile("" : "+r"(count));
	}
	bpf_iter_num_destroy(&it);
	return 0;
}

struct rounds {
	unsigned long count;
};

static int next_byte(unsigned int index, struct rounds *rounds)
{
	bytes[rounds->count] = 1;
	rounds->count++;
	return 0;
}

SEC("socket")
int counts_rounds_of_callback(struct __sk_buff *skb)
{
	struct rounds rounds = {};

	bpf_loop(100, next_byte, &rounds, 0);
	return rounds.count;
}

SEC("socket")
__attribute__((naked)) int counts_rounds_of_may_goto(void)
{
	asm volatile(
		"r6 = 0;"
		"*(u64 *)(r10 - 8) = r6;"
		"loop_%=:"
		"may_goto end_%=;"
		"r7 = *(u64 *)(r10 - 8);"
		"r1 = %[bytes] ll;"
		"r1 += r7;"
		"r2 = 1;"
		"*(u8 *)(r1 + 0) = r2;"
		"r7 += 1;"
		"*(u64 *)(r10 - 8) = r7;"
		"goto loop_%=;"
		"end_%=:"
		"r0 = 0;"
		"exit;"
		:
		: [bytes] "i"(&bytes)
		: "memory");
}
