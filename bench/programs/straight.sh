#!/bin/sh
# Writes a program of exactly N instructions without a branch, as C, to standard output: straight.sh N
#
# A mix of 64- and 32-bit arithmetic on six registers, each depending on others, with a stack slot now and then. Nothing of it
# is constant: it begins with the length of the packet.
set -eu
count=${1:?how many instructions}

cat <<'C'
// SPDX-License-Identifier: Apache-2.0
#include "common.h"

SEC("xdp")
__attribute__((naked)) int straight(struct xdp_md *context)
{
	asm volatile(
C
awk -v count="$count" 'BEGIN {
  line("r2 = *(u32 *)(r1 + 4)"); line("r3 = *(u32 *)(r1 + 0)"); line("r2 -= r3"); line("r4 = r2"); line("r5 = r2")
  line("r0 = r2"); line("r3 = 40503"); line("*(u64 *)(r10 - 8) = r2")
  kinds = split("r0 += r2;r2 ^= r3;w3 *= w5;r4 <<= 7;r4 |= r0;r5 -= r4;w2 += 977;r0 ^= r5;r3 += r2;*(u64 *)(r10 - 8) = r3;" \
    "r4 >>= 3;r2 = -r2;r5 *= r0;w4 ^= w3;r0 = *(u64 *)(r10 - 8);r5 s>>= 11;r3 |= 1;r2 += r5", mix, ";")
  while (lines < count - 2) line(mix[lines % kinds + 1])
  line("r0 = 2"); line("exit")
}
function line(text) { printf "\t\t\"%s;\"\n", text; lines++ }'
cat <<'C'
	);
}
C
