// SPDX-License-Identifier: Apache-2.0
/* Nothing: what a host takes around a run. */
#include "common.h"

SEC("xdp")
int empty(struct xdp_md *context)
{
	return XDP_PASS;
}
