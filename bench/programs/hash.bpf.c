// SPDX-License-Identifier: Apache-2.0
/* FNV-1a (RFC draft-eastlake-fnv) over all bytes of a packet of up to 1,514: one long chain of multiplications. */
#include "common.h"

#define LONGEST 1514

SEC("xdp")
int hash(struct xdp_md *context)
{
	unsigned char *byte = begin(context);
	unsigned char *stop = end(context);
	__u64 value = 0xcbf29ce484222325;

	for (int i = 0; i < LONGEST; i++) {
		if (byte + 1 > stop)
			break;
		value = (value ^ *byte++) * 0x100000001b3;
	}
	return value == 0 ? XDP_DROP : XDP_PASS;
}
