// SPDX-License-Identifier: Apache-2.0
/* Two programs, of which neither is the obvious one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int passes(struct xdp_md *context)
{
	return XDP_PASS;
}

SEC("xdp")
int drops(struct xdp_md *context)
{
	return XDP_DROP;
}
