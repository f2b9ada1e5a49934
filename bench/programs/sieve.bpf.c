// SPDX-License-Identifier: Apache-2.0
/*
 * The primes below 256 by the sieve of Eratosthenes, in an array on the stack. It crosses out multiples of all numbers up to the
 * root, prime or not: to leave some out would take branches that the verifier has to follow both ways.
 */
#include "common.h"

#define NUMBERS 256
#define ROOT 16
#define PRIMES 54

SEC("xdp")
int sieve(struct xdp_md *context)
{
	unsigned char composite[NUMBERS];
	__u32 primes = 0;
	__u32 first = 2;

	/* What clang knows, it would compute itself. */
	asm volatile("" : "+r"(first));
	__builtin_memset(composite, 0, sizeof(composite));
	for (__u32 i = first; i < ROOT; i++)
		for (__u32 multiple = 2 * i; multiple < NUMBERS; multiple += i)
			composite[multiple] = 1;
	for (__u32 i = first; i < NUMBERS; i++)
		primes += 1 - composite[i];
	return primes == PRIMES ? XDP_PASS : XDP_ABORTED;
}
