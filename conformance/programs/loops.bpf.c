// SPDX-License-Identifier: Apache-2.0
// Loops as another compiler than clang makes them.
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

unsigned char bytes[100000];

// What GCC 16 makes of a loop from a number in the context to 100,000, with may_goto, that adds up the numbers, eight rounds
// in one, and of a second loop that adds up bytes. Each round copies the counter, so that many registers are linked of
// which most are never read again. A verifier that narrows those too takes them for needed, and never finds that it
// has seen such a state before.
SEC("socket")
__attribute__((naked)) int unrolled_by_gcc(struct __sk_buff *skb)
{
	asm volatile(
		"r1 = *(u32 *)(r1+0);"
		"if r1 > 99999 goto l8_%=;"
		"r3 = r1;"
		"r2 = r1;"
		"r3 = -r3;"
		"r0 = 0;"
		"r3 &= 7;"
		"if r3 == 0 goto l3_%=;"
		"if r3 == 1 goto l32_%=;"
		"if r3 == 2 goto l33_%=;"
		"if r3 == 3 goto l34_%=;"
		"if r3 == 4 goto l35_%=;"
		"if r3 == 5 goto l36_%=;"
		"if r3 == 6 goto l37_%=;"
		"may_goto l5_%=;"
		"r0 = r1;"
		"r2 += 1;"
		"l37_%=:"
		"may_goto l5_%=;"
		"r4 = r2;"
		"r2 += 1;"
		"w4 += w0;"
		"r0 = r4;"
		"l36_%=:"
		"may_goto l5_%=;"
		"r5 = r2;"
		"r2 += 1;"
		"w5 += w0;"
		"r0 = r5;"
		"l35_%=:"
		"may_goto l5_%=;"
		"r9 = r2;"
		"r2 += 1;"
		"w9 += w0;"
		"r0 = r9;"
		"l34_%=:"
		"may_goto l5_%=;"
		"r3 = r2;"
		"r2 += 1;"
		"w3 += w0;"
		"r0 = r3;"
		"l33_%=:"
		"may_goto l5_%=;"
		"r4 = r2;"
		"r2 += 1;"
		"w4 += w0;"
		"r0 = r4;"
		"l32_%=:"
		"may_goto l5_%=;"
		"r5 = r2;"
		"r2 += 1;"
		"w5 += w0;"
		"r0 = r5;"
		"if r2 == 100000 goto l5_%=;"
		"l3_%=:"
		"may_goto l5_%=;"
		"r9 = r2;"
		"r2 += 1;"
		"w9 += w0;"
		"r3 = r2;"
		"r0 = r9;"
		"may_goto l5_%=;"
		"w2 += w9;"
		"r4 = r3;"
		"r0 = r2;"
		"r4 += 1;"
		"may_goto l5_%=;"
		"w4 += w2;"
		"r5 = r3;"
		"r0 = r4;"
		"r5 += 2;"
		"may_goto l5_%=;"
		"w5 += w4;"
		"r9 = r3;"
		"r0 = r5;"
		"r9 += 3;"
		"may_goto l5_%=;"
		"w9 += w5;"
		"r2 = r3;"
		"r0 = r9;"
		"r2 += 4;"
		"may_goto l5_%=;"
		"w2 += w9;"
		"r4 = r3;"
		"r0 = r2;"
		"r4 += 5;"
		"may_goto l5_%=;"
		"w4 += w2;"
		"r5 = r3;"
		"r0 = r4;"
		"r5 += 6;"
		"may_goto l5_%=;"
		"w5 += w4;"
		"r2 = r3;"
		"r0 = r5;"
		"r2 += 7;"
		"if r3 != 99993 goto l3_%=;"
		"l5_%=:"
		"r3 = %[bytes] ll;"
		"r3 += r1;"
		"r9 = *(u8 *)(r3+0);"
		"w9 += w0;"
		"r0 = r9;"
		"may_goto l2_%=;"
		"r1 += 1;"
		"if r1 <= 99999 goto l5_%=;"
		"exit;"
		"l8_%=:"
		"r0 = 0;"
		"l2_%=:"
		"exit;"
		:
		: [bytes] "i"(&bytes)
		: "r0", "r1", "r2", "r3", "r4", "r5", "r9");
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[8]);
} buffers SEC(".maps");

// What is written behind `rest` goes back to a difference of pointers, through which something is stored: that cannot be
// followed, so that all numbers on the way there are taken for needed. The loop's counter is one of them, but nothing reads it
// behind `rest`. A verifier that hands that need on nevertheless, with what `rest` is covered by, walks from `out` anew for
// each round in which the loop may end.
SEC("raw_tp")
__attribute__((naked)) int counter_of_no_more_use(void *ctx)
{
	asm volatile(
		"r1 = 0;"
		"*(u32 *)(r10 - 4) = r1;"
		"r2 = r10;"
		"r2 += -4;"
		"r1 = %[buffers] ll;"
		"call %[bpf_map_lookup_elem];"
		"if r0 == 0 goto end_%=;"
		"r9 = r0;"
		"r6 = 0;"
		"call %[bpf_get_prandom_u32];"
		"if r0 > 10 goto loop_%=;"
		"goto rest_%=;"
		"loop_%=:"
		"call %[bpf_get_prandom_u32];"
		"r7 = r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"if r7 == 5 goto out_%=;"
		"r6 += 1;"
		"if r6 != 60 goto loop_%=;"
		"out_%=:"
		"r1 = 0;"
		"call %[bpf_get_prandom_u32];"
		"r7 = r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"r1 = 0;"
		"if r1 != 0 goto loop_%=;" // never, but so the counter may be read
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"rest_%=:"
		"call %[bpf_get_prandom_u32];"
		"r7 = r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"call %[bpf_get_prandom_u32];"
		"r7 += r0;"
		"call %[bpf_get_prandom_u32];"
		"r8 = r9;"
		"*(u32 *)(r9 + 0) = r0;"
		"r8 -= r9;"
		"if r8 > 8 goto end_%=;"
		"r1 = r9;"
		"r2 = r8;"
		"r3 = 0;"
		"call %[bpf_probe_read_kernel];"
		"end_%=:"
		"r0 = 0;"
		"exit;"
		:
		: [buffers] "i"(&buffers), [bpf_map_lookup_elem] "i"(bpf_map_lookup_elem),
		  [bpf_get_prandom_u32] "i"(bpf_get_prandom_u32), [bpf_probe_read_kernel] "i"(bpf_probe_read_kernel)
		: "memory");
}
