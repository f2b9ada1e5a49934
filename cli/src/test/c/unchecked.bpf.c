// SPDX-License-Identifier: Apache-2.0
//
// Reads a packet without a look at its end. Compiled with
//   clang-19 -O2 -g -target bpf -ffile-prefix-map="$PWD"=. -I/usr/include/x86_64-linux-gnu -c unchecked.bpf.c -o ../resources/unchecked.bpf.o
//   llvm-strip-19 -g ../resources/unchecked.bpf.o

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Apache-2.0";

SEC("xdp")
int unchecked(struct xdp_md *ctx)
{
	const unsigned char *packet = (const unsigned char *)(long)ctx->data;

	return packet[0] == 0xff ? XDP_DROP : XDP_PASS;
}
