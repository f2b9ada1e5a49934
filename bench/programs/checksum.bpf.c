// SPDX-License-Identifier: Apache-2.0
/* The Internet checksum (RFC 1071) over a packet of up to 1,514 bytes, two bytes at a time. */
#include "common.h"

#define WORDS 757

SEC("xdp")
int checksum(struct xdp_md *context)
{
	__u16 *word = begin(context);
	void *stop = end(context);
	__u64 sum = 0;

	for (int i = 0; i < WORDS; i++) {
		if ((void *)(word + 1) > stop)
			break;
		sum += *word++;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)~sum == 0xffff ? XDP_DROP : XDP_PASS;
}
