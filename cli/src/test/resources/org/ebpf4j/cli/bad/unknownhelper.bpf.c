// SPDX-License-Identifier: Apache-2.0
/* A call of a helper that no kernel has. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long (*strange)(void) = (void *)9999;

SEC("xdp")
int calls(struct xdp_md *context)
{
	return strange() ? XDP_PASS : XDP_DROP;
}
