#!/bin/sh
# Writes a program of many branches, as C, to standard output: branchy.sh STEPS
#
# A step takes about 20 instructions: it reads words of the packet, mixes them into a state, and goes one of three ways by it.
# Every 16th step has a short loop, every 24th counts in a map, every 64th calls a helper; a part of them writes to the packet.
set -eu
steps=${1:?how many steps}

cat <<'C'
// SPDX-License-Identifier: Apache-2.0
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

#define WORD(offset) (*(volatile __u32 *)(packet + (offset)))

SEC("xdp")
int branchy(struct xdp_md *context)
{
	__u8 *packet = (__u8 *)(long)context->data;
	__u8 *end = (__u8 *)(long)context->data_end;
	__u32 state = context->ingress_ifindex, word;

	if (packet + 64 > end)
		return XDP_DROP;
C
awk -v steps="$steps" 'BEGIN {
  seed = 12345
  for (i = 0; i < steps; i++) {
    printf "\tword = WORD(%d);\n", next_number(60)
    printf "\tif ((word ^ state) & %d) {\n\t\tstate = state * %d + word;\n", 2 ^ next_number(12) , 2 * next_number(30000) + 1
    printf "\t\tif (state > %du)\n\t\t\tstate ^= word >> %d;\n\t\telse\n\t\t\tstate += WORD(%d);\n", next_number(65536) * 65536, 1 + next_number(15), next_number(60)
    printf "\t} else {\n\t\tstate = (state << %d) ^ (state >> %d) ^ word;\n", 1 + next_number(15), 1 + next_number(15)
    if (i % 3 == 0) printf "\t\tWORD(%d) = state;\n", 44 + next_number(16)
    print "\t}"
    if (i % 16 == 15) printf "#pragma clang loop unroll(disable)\n\tfor (int i = 0; i < 8; i++)\n\t\tstate = state * 31 + WORD(i * 4);\n"
    if (i % 24 == 23) printf "\t{\n\t\t__u32 key = state & 63;\n\t\t__u64 *count = bpf_map_lookup_elem(&counters, &key);\n\t\tif (count)\n\t\t\t*count += state;\n\t}\n"
    if (i % 64 == 63) printf "\tstate ^= bpf_get_smp_processor_id() + %d;\n", i
  }
}
function next_number(below) { seed = (seed * 1103 + 12345) % 1048573; return int(seed / 16) % below }'
cat <<'C'
	return state & 1 ? XDP_PASS : XDP_TX;
}
C
