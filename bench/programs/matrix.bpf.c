// SPDX-License-Identifier: Apache-2.0
/* The product of two matrices of 16 by 16, in a map's value. */
#include "common.h"

#define SIZE 16

struct matrices {
	__u32 left[SIZE][SIZE];
	__u32 right[SIZE][SIZE];
	__u32 product[SIZE][SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct matrices);
} matrices SEC(".maps");

SEC("xdp")
int multiply(struct xdp_md *context)
{
	__u32 key = 0;
	struct matrices *found = bpf_map_lookup_elem(&matrices, &key);

	if (!found)
		return XDP_ABORTED;
	/* Each run multiplies something else. */
	found->left[3][4] += end(context) - begin(context);
	found->right[5][6]++;
	for (int row = 0; row < SIZE; row++) {
		for (int column = 0; column < SIZE; column++) {
			__u32 sum = 0;

#pragma clang loop unroll(disable)
			for (int i = 0; i < SIZE; i++)
				sum += found->left[row][i] * found->right[i][column];
			found->product[row][column] = sum;
		}
	}
	return XDP_PASS;
}
